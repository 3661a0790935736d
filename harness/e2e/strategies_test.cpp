// The ways to a connection and the servers that the Django target offers, and what goes wrong with
// some of them.
#include <fmt/format.h>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// Django with a real database. The first of these tests on a machine waits for the preparation.
class DjangoTest : public E2eTest {
 protected:
  static constexpr std::chrono::seconds kWithPreparation{600};

  static fs::path scenarios() { return fs::path(POOLBENCH_SOURCE_DIR) / "scenarios"; }

  /// A scenario with one cell, whose parameters are those of `params`, a TOML table's inside.
  [[nodiscard]] fs::path with(const std::string& params, const std::string& endpoint) const {
    const fs::path file = folder_ / "one.toml";
    EXPECT_TRUE(base::write_file_atomically(
        file,
        fmt::format("schema = 1\nname = \"one\"\ndesign.blocks = 1\n"
                    "load = {{ connections = 8, warmup = \"300ms\", measure = \"500ms\" }}\n"
                    "[target]\nuse = \"{}\"\nendpoint = \"{}\"\nparams = {{ {} }}\n",
                    (scenarios() / "targets/django/target.toml").string(), endpoint, params)));
    return file;
  }
  /// The one that stands for those of the only block which the machine disturbed.
  static base::Json counted_trial(const base::Json& cell) {
    for (const auto& trial : cell.at("trials")) {
      if (trial.at("status") != "superseded") return trial;
    }
    ADD_FAILURE() << "no trial counts in " << cell;
    return {};
  }
};

struct Way {
  const char* name;
  const char* params;
  const char* endpoint = "query";
  friend std::ostream& operator<<(std::ostream& stream, const Way& way) {
    return stream << way.name;
  }
};

/// What keeps or shares connections.
class ReuseTest : public DjangoTest, public testing::WithParamInterface<Way> {};

TEST_P(ReuseTest, RequestsReuseSessions) {
  Program program = run(with(GetParam().params, GetParam().endpoint));
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  const base::Json trial = counted_trial(report().at("cells").at(0));
  ASSERT_EQ(trial.at("status"), "ok") << trial.at("reasons");
  EXPECT_GT(trial.at("requests").at("ok").get<int>(), 0);
  EXPECT_LE(trial.at("database").at("sessions_per_request").get<double>(), 0.1);
}

const Way kReuse[] = {
    {"Psycopg2", "driver = \"psycopg2\", conn_max_age = 60"},
    {"PreparedStatements", "prepared_statements = true, conn_max_age = 60"},
    {"SqlAlchemysPool",
     "engine = \"dj_db_conn_pool.backends.postgresql\", worker_class = \"gthread\", threads = 4, "
     "database_settings = { POOL_OPTIONS = { POOL_SIZE = 4, MAX_OVERFLOW = 0 } }"},
    {"RealPool",
     "engine = \"django_pg_real_pool\", pool = true, worker_class = \"gthread\", threads = 4"},
    {"Geventpool",
     "engine = \"django_db_geventpool.backends.postgresql_psycopg3\", worker_class = \"gevent\", "
     "database_settings = { OPTIONS = { MAX_CONNS = 4 } }"},
    {"Gevent", "worker_class = \"gevent\", pool = true"},
    {"Granian", "server = \"granian\", threads = 4, pool = true"},
    {"Uwsgi", "server = \"uwsgi\", threads = 4, pool = true"},
    {"Uvicorn", "server = \"uvicorn\", pool = true"},
    {"UvicornAsyncView", "server = \"uvicorn\", pool = true", "async-query"},
    {"Hypercorn", "server = \"hypercorn\", pool = true"},
};
INSTANTIATE_TEST_SUITE_P(Each, ReuseTest, testing::ValuesIn(kReuse),
                         [](const auto& way) { return std::string(way.param.name); });

TEST_F(DjangoTest, APoolIsHeldThroughACallElsewhereAndARealPoolIsNot) {
  const std::string slow =
      "pool = { min_size = 1, max_size = 1 }, outside_ms = 50, workers = 1, "
      "worker_class = \"gthread\", threads = 8";
  double held = 0, given_back = 0;
  for (const auto& [params, rate] :
       {std::pair(slow, &held),
        std::pair(slow + ", engine = \"django_pg_real_pool\"", &given_back)}) {
    fs::remove_all(results());
    Program program = run(with(params, "outside-call"));
    ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
    const base::Json trial = counted_trial(report().at("cells").at(0));
    *rate = trial.at("throughput_requests_per_second").get<double>();
  }
  EXPECT_LE(held, 22) << "one connection, for at least 50 ms each time";
  EXPECT_GE(given_back, 1.5 * held);
}

TEST_F(DjangoTest, APoolFromBeforeTheForkFailsAndIsNoRate) {
  Program program = run(scenarios() / "preload-pool.toml",
                        {"--only", "variant=pool", "--blocks", "1", "--measure", "1s"});
  EXPECT_EQ(program.wait(kWithPreparation), exited(0)) << "it is claimed to fail";
  expect_nothing_left(program);
  for (const base::Json& cell : report().at("cells")) {
    const base::Json trial = counted_trial(cell);
    if (!cell.at("factors").at("preload").get<bool>()) {
      EXPECT_EQ(trial.at("status"), "ok") << trial.at("reasons");
      continue;
    }
    EXPECT_NE(trial.at("status"), "ok");
    EXPECT_EQ(cell.at("status"), "failed");
    EXPECT_THAT(reasons(trial), HasSubstr("wrong_answer"));
  }
}

TEST_F(DjangoTest, PersistentConnectionsUnderAsgiLeakUntilPostgresRefuses) {
  Program program =
      run(scenarios() / "asgi-leak.toml",
          {"--only", "variant=asgi,conn_max_age=60", "--only", "variant=asgi,pool=true", "--blocks",
           "1", "--measure", "2s", "--set", "load.connections=4", "--set",
           "postgres.settings={ max_connections = 20 }"});
  EXPECT_EQ(program.wait(kWithPreparation), exited(0)) << "it is claimed to fail";
  expect_nothing_left(program);
  for (const base::Json& cell : report().at("cells")) {
    const base::Json trial = counted_trial(cell);
    if (cell.at("factors").contains("pool")) {
      EXPECT_EQ(trial.at("status"), "ok") << trial.at("reasons");
    } else {
      EXPECT_EQ(cell.at("status"), "failed");
      EXPECT_THAT(reasons(trial), AllOf(HasSubstr("PostgreSQL refused"), HasSubstr("connection")));
    }
  }
}

TEST_F(DjangoTest, WhatCannotWorkIsRefusedWithTheReason) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"driver = \"psycopg2\", pool = true", "database pooling requires psycopg 3"},
      {"driver = \"psycopg2\", prepared_statements = true", "has no prepared statements"},
      {"engine = \"django_pg_real_pool\"", "refuses to be without one"},
      {"engine = \"dj_db_conn_pool.backends.postgresql\", pool = true", "a pool in a pool"},
      {"engine = \"django_db_geventpool.backends.postgresql_psycopg3\"", "are gevent's"},
      {"server = \"granian\", worker_class = \"gthread\"", "only gunicorn has worker classes"},
      {"server = \"uvicorn\", threads = 4", "takes threads as requests need them"},
      {"server = \"uwsgi\", preload = true", "gunicorn's --preload"},
  };
  for (const auto& [params, message] : mistakes) {
    Program program = start({"plan", with(params, "query").string()});
    EXPECT_EQ(program.wait(), exited(2)) << params;
    EXPECT_THAT(program.err(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace poolbench::e2e
