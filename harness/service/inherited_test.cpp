#include "service/inherited.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace poolbench::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

const base::Environment kCaller{
    {"APP_MODE", "fast"}, {"APP_TOKEN", "secret-token"}, {"GUNICORN_CMD_ARGS", "--max-requests 30"},
    {"PATH", "/bin"},     {"PGHOST", "production"},      {"PGSERVICE", "production"},
    {"WORKERS", "3"}};

scenario::TargetSpec target_with(std::vector<std::string> inherit) {
  scenario::TargetSpec target;
  target.inherit = std::move(inherit);
  return target;
}

TEST(InheritedTest, ATargetGetsTheStandardPartWhatItNamesAndItsDatabase) {
  EXPECT_THAT(target_environment(target_with({}), {}, kCaller), ElementsAre(Pair("PATH", "/bin")));
  EXPECT_THAT(target_environment(target_with({"APP_*", "WORKERS", "P*"}), {{"PGHOST", "127.0.0.1"}},
                                 kCaller),
              ElementsAre(Pair("APP_MODE", "fast"), Pair("APP_TOKEN", "secret-token"),
                          Pair("PATH", "/bin"), Pair("PGHOST", "127.0.0.1"), Pair("WORKERS", "3")));
}

TEST(InheritedTest, TheReportGetsNamesAndHashesAndNoValue) {
  base::Json facts;
  describe_inherited(target_with({"APP_*", "UNSET"}), facts, kCaller);
  EXPECT_EQ(facts["inherited"], base::Json({{"APP_MODE", base::sha256_hex("fast")},
                                            {"APP_TOKEN", base::sha256_hex("secret-token")},
                                            {"UNSET", nullptr}}));
  EXPECT_EQ(facts["inherited_always"], base::Json({{"PATH", base::sha256_hex("/bin")}}));
  EXPECT_THAT(facts.dump(), Not(HasSubstr("secret-token")));
}

}  // namespace
}  // namespace poolbench::service
