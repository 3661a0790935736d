#include "base/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace poolbench::base {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;
using testing::Pair;

TEST(EnvironmentTest, OfTheCallerOnlyTheStandardPartIsForEveryProgram) {
  const Environment caller{{"GUNICORN_CMD_ARGS", "--max-requests 30"},
                           {"HOME", "/home/me"},
                           {"HOMEPAGE", "x"},
                           {"LC_ALL", "C"},
                           {"LC_TIME", "de_DE.UTF-8"},
                           {"LD_PRELOAD", "libjemalloc.so"},
                           {"PATH", "/bin"},
                           {"PGSERVICE", "production"},
                           {"TZ", "Europe/Berlin"}};
  EXPECT_THAT(standard_environment(caller),
              ElementsAre(Key("HOME"), Key("LC_ALL"), Pair("LC_TIME", "de_DE.UTF-8"), Key("PATH"),
                          Key("TZ")));
  EXPECT_THAT(standard_environment({}), ElementsAre());
}

TEST(EnvironmentTest, APatternMeansANameOrItsBeginning) {
  EXPECT_TRUE(means_variable("APP_MODE", "APP_MODE"));
  EXPECT_FALSE(means_variable("APP_MODE", "APP_MODE2"));
  EXPECT_TRUE(means_variable("APP_*", "APP_MODE"));
  EXPECT_FALSE(means_variable("APP_*", "MY_APP_MODE"));
}

TEST(EnvironmentTest, ForgetsWhatLibpqReadsAndNothingElse) {
  const Environment before = own_environment();
  ::setenv("PGSERVICE", "production", 1);
  ::setenv("PGCONNECT_TIMEOUT", "1", 1);
  ::setenv("PG_CONFIG", "/opt/bin/pg_config", 1);
  forget_libpq_variables();
  const Environment after = own_environment();
  ::unsetenv("PG_CONFIG");
  EXPECT_THAT(after, Not(Contains(Key("PGSERVICE"))));
  EXPECT_THAT(after, Not(Contains(Key("PGCONNECT_TIMEOUT"))));
  EXPECT_THAT(after, Contains(Pair("PG_CONFIG", "/opt/bin/pg_config")));
  for (const auto& [name, value] : before) {
    if (is_libpq_variable(name)) continue;
    EXPECT_THAT(after, Contains(Pair(name, value)));
  }
}

}  // namespace
}  // namespace poolbench::base
