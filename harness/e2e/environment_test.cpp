#include <fmt/format.h>

#include <fstream>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class EnvironmentE2eTest : public E2eTest {
 protected:
  /// Each of these makes whoever reads it fail, or go to a server that is not there.
  std::map<std::string, std::string> misleading() const {
    const fs::path services = folder_ / "services";
    std::ofstream(services) << "[production]\nhost=192.0.2.1\nport=5432\nuser=boss\n";
    return {{"PGSERVICEFILE", services.string()},
            {"PGSERVICE", "production"},
            {"PGHOSTADDR", "192.0.2.1"},
            {"PGSSLMODE", "require"},
            {"PGOPTIONS", "-c no_such_setting=1"},
            {"PGTARGETSESSIONATTRS", "standby"},
            {"PGCLIENTENCODING", "no-such-encoding"},
            {"PGDATA", "/nowhere"},
            {"GUNICORN_CMD_ARGS", "--max-requests 30"},
            {"K6_VUS", "1"},
            {"HTTPS_PROXY", "http://proxy.example:3128"},
            {"POOLBENCH_CACHE", (folder_ / "cache").string()},
            {"APP_MODE", "fast"}};
  }
  /// A bench whose programs write down their environments, each into the target's folder.
  ToyBench telling() const {
    ToyBench bench;
    bench.prepare = R"(["sh", "-c", "env > prepare.env"])";
    bench.data = R"([["sh", "-c", "env > data.env"]])";
    bench.program = (folder_ / "serve").string();
    bench.inherit = R"(["APP_*", "NOT_SET"])";
    std::ofstream(bench.program) << "#!/bin/sh\nenv > serve.env\nexec " << POOLBENCH_TOY_SERVER
                                 << " \"$@\"\n";
    fs::permissions(bench.program, fs::perms(0755));
    return bench;
  }
  std::string environment_of(const std::string& program) const {
    return base::read_file(folder_ / "toy" / (program + ".env")).value_or("");
  }
};

TEST_F(EnvironmentE2eTest, NothingOfTheCallersGetsInUnasked) {
  Program program = run(write_toy_bench(folder_, telling()), {}, misleading());
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const auto misled = testing::ContainsRegex(
      "PGSERVICE|PGHOSTADDR|PGSSLMODE|PGOPTIONS|PGTARGETSESSIONATTRS|PGCLIENTENCODING");
  for (const char* name : {"data", "serve"}) {
    EXPECT_THAT(environment_of(name),
                AllOf(HasSubstr("PATH="), HasSubstr("APP_MODE=fast"), HasSubstr("PGHOST=127.0.0.1"),
                      HasSubstr("PGDATABASE=poolbench_"), Not(misled),
                      Not(testing::ContainsRegex("GUNICORN|K6_VUS|PROXY|PGDATA=|_CACHE"))));
  }
  EXPECT_THAT(environment_of("prepare"),
              AllOf(HasSubstr("HTTPS_PROXY="), HasSubstr("GUNICORN_CMD_ARGS="), Not(misled)));
  const std::string text = base::read_file(report_file()).value();
  EXPECT_THAT(text, Not(HasSubstr("fast")));
  EXPECT_EQ(report().at("environment").at("target").at("inherited"),
            base::Json({{"APP_MODE", base::sha256_hex("fast")}, {"NOT_SET", nullptr}}));
}

TEST_F(EnvironmentE2eTest, ACacheThatCannotBeWrittenEndsNoRun) {
  const fs::path home = folder_ / "nonexistent";
  Program program =
      run(write_toy_bench(folder_, telling()), {},
          {{"HOME", home.string()}, {"XDG_CACHE_HOME", "."}, {"POOLBENCH_CACHE", ""}});
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const auto note = AllOf(HasSubstr("there is no folder " + home.string()),
                          HasSubstr("Set POOLBENCH_CACHE to a folder that can be written"));
  EXPECT_THAT(program.err(), note);
  EXPECT_THAT(report().at("environment").at("warnings").dump(), note);
  EXPECT_THAT(environment_of("serve"), HasSubstr("HOME=" + home.string()));
  EXPECT_FALSE(fs::exists(home));
  expect_nothing_left(program);
}

}  // namespace
}  // namespace poolbench::e2e
