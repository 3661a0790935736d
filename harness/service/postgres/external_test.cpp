#include "service/postgres/external.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace poolbench::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Rights all_rights(int version = 150018) { return {"bench", version, true, true, true, true, true}; }

TEST(ExternalTermsTest, ARoleWithAllRightsIsWarnedOfNothing) {
  const auto terms = terms_of(all_rights(), "");
  ASSERT_TRUE(terms);
  EXPECT_TRUE(terms->may_checkpoint);
  EXPECT_EQ(terms->owner, "");
  EXPECT_THAT(terms->warnings, IsEmpty());
  EXPECT_EQ(terms_of(all_rights(), "bench")->owner, "");
  EXPECT_EQ(terms_of(all_rights(), "app")->owner, "app");
}

TEST(ExternalTermsTest, EveryLackingRightIsNamedAtOnceWithTheCommandThatGivesIt) {
  const auto terms = terms_of({"bench", 150018, false, false, true, false, false}, "app");
  ASSERT_FALSE(terms);
  EXPECT_EQ(terms.error().code, base::ErrorCode::kBadInput);
  EXPECT_THAT(
      terms.error().message,
      AllOf(HasSubstr("ALTER ROLE \"bench\" CREATEDB;"), HasSubstr("GRANT \"app\" TO \"bench\";"),
            HasSubstr("GRANT pg_checkpoint TO \"bench\""),
            HasSubstr("GRANT pg_read_all_stats TO \"bench\""), Not(HasSubstr("CREATE ROLE"))));
  const auto unknown = terms_of({"be\"nch", 150018, true, true, false, true, true}, "app");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message,
              AllOf(HasSubstr("\"be\"\"nch\""), HasSubstr("CREATE ROLE \"app\" LOGIN;")));
}

TEST(ExternalTermsTest, WithoutTheRightToMakeACheckpointTheRunGoesOnWithAWarning) {
  auto rights = all_rights();
  rights.checkpoints = false;
  const auto terms = terms_of(rights, "");
  ASSERT_TRUE(terms);
  EXPECT_FALSE(terms->may_checkpoint);
  EXPECT_THAT(terms->warnings, testing::ElementsAre(HasSubstr("GRANT pg_checkpoint TO \"bench\"")));
  rights.version = 140012;  // there is no such role yet
  EXPECT_THAT(terms_of(rights, "")->warnings,
              testing::ElementsAre(AllOf(HasSubstr("before PostgreSQL 15 only a superuser"),
                                         Not(HasSubstr("GRANT")))));
}

TEST(FindExternalTest, BothVariablesMustBeSet) {
  scenario::PostgresSettings settings;
  settings.dsn_env = "POOLBENCH_TEST_DSN";
  settings.target_dsn_env = "POOLBENCH_TEST_TARGET_DSN";
  ::unsetenv("POOLBENCH_TEST_DSN");
  EXPECT_THAT(find_external(settings).error().message,
              HasSubstr("POOLBENCH_TEST_DSN (postgres.dsn_env) is not set"));
  ::setenv("POOLBENCH_TEST_DSN", "postgresql://admin:secret@db:5432/postgres", 1);
  EXPECT_THAT(find_external(settings).error().message,
              HasSubstr("POOLBENCH_TEST_TARGET_DSN (postgres.target_dsn_env) is not set"));
  ::setenv("POOLBENCH_TEST_TARGET_DSN", "host=pooler port=6432 user=app password=word", 1);
  const auto external = find_external(settings);
  ASSERT_TRUE(external);
  EXPECT_EQ(external->target.at("port"), "6432");
  const auto data = external->for_data();
  EXPECT_EQ(data.at("host"), "db");
  EXPECT_EQ(data.at("user"), "app");
  EXPECT_EQ(data.at("password"), "word");
  settings.target_dsn_env.clear();
  EXPECT_EQ(find_external(settings)->target, find_external(settings)->own);
}

}  // namespace
}  // namespace poolbench::service
