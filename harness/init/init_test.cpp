#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "init/running.h"
#include "init/target_text.h"
#include "scenario/scenario.h"

namespace poolbench::init {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

/// An application in a folder of its own.
class InitTest : public testing::Test {
 protected:
  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    ASSERT_TRUE(base::write_file_atomically(folder_ / file, text));
  }
  /// Looks at it, and expects that what is written is accepted as it is.
  Application look() {
    Application application = look_at_application(folder_);
    target_ = target_text(application, "shop");
    scenario_ = scenario_text(application, "shop");
    write("target.toml", target_);
    write("poolbench.toml", scenario_);
    const auto read = scenario::load_file(folder_ / "poolbench.toml", {{.name = "native"}});
    EXPECT_TRUE(read) << scenario::to_text(read.error()) << target_;
    return application;
  }
  /// How many lines of both files need an edit.
  [[nodiscard]] std::ptrdiff_t edits() const {
    const std::string both = target_ + scenario_;
    const std::regex mark(kEditMark);
    return std::distance(std::sregex_iterator(both.begin(), both.end(), mark),
                         std::sregex_iterator());
  }

  void write_django() const {
    write("manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n");
    write("shop/settings.py",
          "SECRET_KEY = os.environ[\"SECRET_KEY\"]\n"
          "WSGI_APPLICATION = \"shop.wsgi.application\"\n"
          "DATABASES = {\"default\": dj_database_url.config("
          "conn_max_age=int(os.getenv(\"CONN_MAX_AGE\", 0)))}\n");
    write("shop/urls.py", "urlpatterns = [path('admin/', site), path('products/', products)]\n");
    write("shop/wsgi.py", "application = get_wsgi_application()\n");
    write("catalog/migrations/__init__.py", "");
    write("catalog/migrations/0001_initial.py", "");
    write("requirements.txt", "django\npsycopg\n");
  }

  base::TemporaryFolder folder_;
  std::string target_, scenario_;
};

std::string golden(const char* file) {
  const fs::path folder = fs::path(POOLBENCH_SOURCE_DIR) / "harness" / "init" / "testdata";
  return base::read_file(folder / file).value_or("");
}

TEST_F(InitTest, DjangoIsServedByGunicornAndMigrated) {
  write_django();
  EXPECT_EQ(look().kind, "Django");
  EXPECT_EQ(target_, golden("django.target.toml"));
  EXPECT_EQ(scenario_, golden("django.poolbench.toml"));
  EXPECT_LE(edits(), 3);
}

TEST_F(InitTest, DjangoInAFolderBelowIsServedThere) {
  write("site/manage.py", "");
  write("site/core/wsgi.py", "application = get_wsgi_application()\n");
  write(".venv/bin/gunicorn", "");
  const Application application = look();
  EXPECT_EQ(application.serve_folder, "site");
  EXPECT_EQ(application.command.front(), ".venv/bin/gunicorn");
  EXPECT_EQ(application.command.back(), "core.wsgi:application");
  EXPECT_THAT(application.data_commands.front(),
              ElementsAre(".venv/bin/python", "site/manage.py", "migrate", "--verbosity", "0"));
  EXPECT_THAT(application.prepare_command, IsEmpty());
  EXPECT_THAT(target_, HasSubstr("DATABASE_URL = \"{database_url}\"")) << "as an edit";
  EXPECT_LE(edits(), 3);
}

TEST_F(InitTest, FastApiIsServedByUvicornWithTheDriverOfItsUrl) {
  write("app/main.py",
        "DATABASE_URL = os.getenv('DATABASE_URL', 'postgresql+asyncpg://localhost/shop')\n"
        "pool_size = int(os.environ.get('DB_POOL_SIZE', '5'))\n"
        "app = FastAPI(title='shop')\n"
        "@app.get('/health')\n"
        "@app.get('/items/{item}')\n"
        "@app.get('/items')\n");
  write("requirements.txt", "fastapi\nuvicorn\n");
  const Application application = look();
  EXPECT_EQ(application.kind, "FastAPI");
  EXPECT_THAT(application.command, ElementsAre("{prepared}/bin/uvicorn", "--host", "{host}",
                                               "--port", "{port}", "app.main:app", "{arguments}"));
  EXPECT_THAT(application.environment,
              ElementsAre(Pair("DATABASE_URL",
                               "postgresql+asyncpg://{pguser}:{pgpassword}@{pghost}:{pgport}/"
                               "{pgdatabase}")));
  EXPECT_EQ(application.path, "/items");
  EXPECT_EQ(application.health, "/health");
  EXPECT_THAT(scenario_, HasSubstr("\"target.params.db_pool_size\" = [2, 10]"));
  EXPECT_LE(edits(), 3);
}

TEST_F(InitTest, FastApiThatImportsFromBesideItIsServedInItsFolder) {
  write("app/main.py", "from database import engine\napp = FastAPI()\n");
  write("app/database.py", "engine = create_async_engine(os.environ['DATABASE_URL'])\n");
  EXPECT_THAT(look().command, ElementsAre("uvicorn", "--host", "{host}", "--port", "{port}",
                                          "--app-dir", "app", "main:app", "{arguments}"));
  EXPECT_THAT(target_, HasSubstr("worker_param = \"workers\""));
  write("app/__init__.py", "");
  EXPECT_EQ(look_at_application(folder_).command.at(5), "app.main:app");
}

TEST_F(InitTest, FlaskIsServedByGunicornFromItsFactoryToo) {
  write("shop/__init__.py", "def create_app(config=None):\n    app = Flask(__name__)\n");
  write("pyproject.toml", "[project]\ndependencies = [\"flask\", \"gunicorn\"]\n");
  const Application application = look();
  EXPECT_EQ(application.kind, "Flask");
  EXPECT_EQ(application.command.back(), "shop:create_app()");
  EXPECT_THAT(application.prepare_command.back(), HasSubstr("install --quiet ."));
  EXPECT_THAT(application.prepare_command.back(), Not(HasSubstr(". gunicorn")));
}

TEST_F(InitTest, ExpressIsStartedAsItsPackageSays) {
  write("package.json", R"({"scripts": {"start": "node src/server.js"},
                            "dependencies": {"express": "^5.0.0", "pg": "^8.0.0"}})");
  write("package-lock.json", "{}");
  write("src/server.js",
        "const pool = new Pool({ connectionString: process.env.DATABASE_URL, "
        "max: Number(process.env.PG_POOL_MAX ?? 10) })\n"
        "app.get('/products/:id', show)\n"
        "app.get(\"/products\", list)\n"
        "app.listen(process.env.PORT || 3000)\n");
  write("node_modules/other/index.js", "process.env.OTHER_URL; app.get('/other')\n");
  const Application application = look();
  EXPECT_EQ(application.kind, "Express");
  EXPECT_THAT(application.command, ElementsAre("node", "src/server.js"));
  EXPECT_THAT(application.environment,
              UnorderedElementsAre(Pair("NODE_ENV", "production"), Pair("PORT", "{port}"),
                                   Pair("DATABASE_URL", "{database_url}")));
  EXPECT_EQ(application.path, "/products");
  EXPECT_THAT(scenario_, HasSubstr("pg_pool_max"));
  EXPECT_LE(edits(), 3);
}

TEST_F(InitTest, WhatNodesLockFileNamesIsInstalledApartWhereItIsFoundThere) {
  write("package.json", R"({"scripts": {"start": "node server.js"}})");
  write("package-lock.json", "{}");
  write("server.js", "require('pg')\n");
  const Application common = look();
  EXPECT_THAT(common.prepare_inputs, ElementsAre("package-lock.json", "package.json"));
  EXPECT_THAT(common.prepare_command.back(), HasSubstr("npm ci --prefix {prepared}"));
  EXPECT_EQ(common.environment.at("NODE_PATH"), "{prepared}/node_modules");
  write("package.json", R"({"type": "module", "scripts": {"start": "node server.js"}})");
  const Application module = look();
  EXPECT_THAT(module.prepare_command, ElementsAre("npm", "ci"));
  EXPECT_FALSE(module.environment.contains("NODE_PATH"));
}

TEST_F(InitTest, GoIsBuiltOnceAndToldItsAddressByAFlag) {
  write("go.mod", "module shop\n");
  write(
      "cmd/shop/main.go",
      "package main\n"
      "var addr = flag.String(\"addr\", \":8080\", \"address\")\n"
      "\tmux.HandleFunc(\"GET /products\", list)\n"
      "\tdb := connect(os.Getenv(\"DB_HOST\"), os.Getenv(\"DB_NAME\"), os.Getenv(\"DB_USER\"))\n");
  write("cmd/shop/main_test.go", "package main\n");
  const Application application = look();
  EXPECT_EQ(application.kind, "Go");
  EXPECT_THAT(application.prepare_inputs, ElementsAre("go.mod", "cmd"));
  EXPECT_EQ(application.prepare_command.back(), "./cmd/shop");
  EXPECT_THAT(application.command, ElementsAre("{prepared}/server", "-addr", "{host}:{port}"));
  EXPECT_THAT(application.environment,
              UnorderedElementsAre(Pair("DB_HOST", "{pghost}"), Pair("DB_NAME", "{pgdatabase}"),
                                   Pair("DB_USER", "{pguser}")));
  EXPECT_EQ(application.path, "/products");
  EXPECT_THAT(scenario_, HasSubstr("\"load.connections\" = [10, 50]"));
  EXPECT_LE(edits(), 3);
}

/// The applications that poolbench brings with it, as if they were somebody else's.
TEST_F(InitTest, OfEachShippedStackThreeLinesAtMostNeedAnEdit) {
  const fs::path shipped = fs::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "targets";
  for (const char* name : {"django", "fastapi", "node", "go/app"}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_);
    fs::copy(shipped / name, folder_, fs::copy_options::recursive);
    EXPECT_NE(look().kind, "");
    EXPECT_LE(edits(), 3) << target_;
  }
}

TEST_F(InitTest, FilesOfSqlMakeTheData) {
  write("go.mod", "module shop\n");
  write("main.go", "package main\n");
  write("schema.sql", "create table city ();\n");
  write("seed.sql", "insert into city values ();\n");
  const Application application = look();
  EXPECT_THAT(application.data_inputs, ElementsAre("schema.sql", "seed.sql"));
  ASSERT_EQ(application.data_commands.size(), 2U);
  EXPECT_EQ(application.data_commands[1].back(), "seed.sql");
  EXPECT_THAT(target_, Not(HasSubstr("makes rows")));
  write_django();
  EXPECT_THAT(look().data_commands.front(), testing::Contains("migrate"));
  EXPECT_THAT(target_, Not(HasSubstr("makes rows")));
}

TEST_F(InitTest, AProcfileTellsWhatStartsAnythingElse) {
  write("Procfile", "release: ./migrate\nweb: python3 server.py --port $PORT\n");
  write("server.py", "dsn = os.environ.get('PGDATABASE')\n");
  const Application application = look();
  EXPECT_THAT(application.command, ElementsAre("sh", "-c", "exec python3 server.py --port $PORT"));
  EXPECT_TRUE(application.knows_port);
  EXPECT_TRUE(application.knows_database);
}

TEST_F(InitTest, NamesOfLibpqsVariablesShowThatNothingMustBeTold) {
  write("package.json", R"({"main": "index.mjs"})");
  write("index.mjs", "const pool = new pg.Pool()\n");
  EXPECT_TRUE(look().knows_database);
  EXPECT_THAT(target_, HasSubstr("PORT = \"{port}\""));
  EXPECT_THAT(target_, Not(HasSubstr("DATABASE_URL")));
  write("index.mjs", "const host = variables['PGHOST']\n");
  EXPECT_TRUE(look_at_application(folder_).knows_database);
}

TEST_F(InitTest, WhatIsNotRecognisedIsLeftToItsReader) {
  write("README", "a shop\n");
  EXPECT_EQ(look().kind, "");
  EXPECT_THAT(target_, HasSubstr("# EDIT: what starts it"));
}

TEST(PlainName, IsOneThatAScenarioMayHave) {
  EXPECT_EQ(plain_name("My Shop_2"), "my-shop-2");
  EXPECT_EQ(plain_name("--"), "application");
  EXPECT_LE(plain_name(std::string(300, 'x')).size(), 100U);
}

TEST_F(InitTest, AServerThatRunsAlreadyIsNamedByItsUrl) {
  const auto written = [&](const Application& application) {
    target_ = target_text(application, "shop");
    scenario_ = scenario_text(application, "shop");
    write("target.toml", target_);
    write("poolbench.toml", scenario_);
    return scenario::load_file(folder_ / "poolbench.toml",
                               {{.name = "native", .verified_tls = true}});
  };
  Application found = look_at_answer("https://127.0.0.1:8443", 302,
                                     {{"server", "Gunicorn/21"}, {"Location", "/login"}});
  EXPECT_EQ(found.kind, "gunicorn (Python)");
  EXPECT_THAT(found.seen, ElementsAre("server: Gunicorn/21"));
  const auto scenario = written(found);
  ASSERT_TRUE(scenario) << scenario::to_text(scenario.error()) << target_;
  EXPECT_TRUE(scenario->cells.front().target.runs_already());
  EXPECT_THAT(target_, HasSubstr("expect = { status = 302 }"));
  EXPECT_LE(edits(), 3);

  found = look_at_answer("http://10.1.2.3:80", 200, {});
  EXPECT_EQ(found.kind, "");
  EXPECT_FALSE(written(found));
  found.allow_remote = true;
  EXPECT_TRUE(written(found)) << scenario_;
}

TEST(Running, WhatAnApplicationSaysOfItselfCountsBeforeItsServer) {
  EXPECT_EQ(look_at_answer("", 200, {{"Server", "nginx"}, {"X-Powered-By", "Express"}}).kind,
            "Express (Node.js)");
  EXPECT_EQ(look_at_answer("", 200, {{"Server", "nginx"}}).kind, "something behind nginx");
}

}  // namespace
}  // namespace poolbench::init
