#include "service/postgres/access.h"

#include <gtest/gtest.h>

#include "service/postgres/wheel.h"

namespace poolbench::service {
namespace {

using scenario::PostgresSettings;

TEST(AccessTest, RulesLetInWhoTheSettingsSayAndNobodyElse) {
  const std::string own = "local all postgres peer map=poolbench\n";
  PostgresSettings settings;
  EXPECT_EQ(access_rules(settings), own + "local all all trust\nhost all all 127.0.0.1/32 trust\n");
  settings.auth = PostgresSettings::Auth::kScram;
  EXPECT_EQ(access_rules(settings),
            own + "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n");
  settings.tls = true;
  EXPECT_EQ(access_rules(settings), own + "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  settings.auth = PostgresSettings::Auth::kTrust;
  EXPECT_EQ(access_rules(settings), own + "hostssl all all 127.0.0.1/32 trust\n");
}

TEST(AccessTest, AUserIsNoKeywordWhateverItsName) {
  EXPECT_EQ(user_map("all"), "poolbench \"all\" postgres\n");
  EXPECT_EQ(user_map("a\"b"), "poolbench \"a\"\"b\" postgres\n");
}

TEST(AccessTest, PasswordsAreLongAndDiffer) {
  EXPECT_EQ(random_password().size(), 32U);
  EXPECT_NE(random_password(), random_password());
}

TEST(WheelTest, AReleaseIsKeptUnderItsVersionAndTheHashesOfTheLock) {
  const Cache cache{"/kept", "/scratch"};
  const auto found = find_fetched("18", cache);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->is_ready);
  EXPECT_TRUE(found->folder.string().starts_with("/scratch/postgres/" + found->version + "-"));
  EXPECT_FALSE(find_fetched("13", cache));
}

}  // namespace
}  // namespace poolbench::service
