#include <gmock/gmock.h>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

namespace poolbench::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kReport =
    std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/report-1.2.json";

class ShowCommandTest : public CommandTest {
 protected:
  ShowCommandTest() : CommandTest({add_show_command}) {}
};

TEST_F(ShowCommandTest, WritesEveryForm) {
  const std::pair<const char*, const char*> kBeginnings[] = {
      {"text", "django-pool"},          {"markdown", "**django"},
      {"csv", "report,scenario,cell,"}, {"json", "{"},
      {"html", "<!DOCTYPE html>"},      {"bencher", "{"},
      {"github-action-benchmark", "["}};
  for (const auto& [form, beginning] : kBeginnings) {
    EXPECT_EQ(run("show " + kReport + " --format " + form), console::kDone) << form << errors_;
    EXPECT_THAT(output_, StartsWith(beginning)) << form;
  }
}

TEST_F(ShowCommandTest, TheJsonIsTheReportAsItIsWritten) {
  ASSERT_EQ(run("show --format json " + kReport), console::kDone);
  EXPECT_EQ(output_, base::read_file(kReport).value());
}

TEST_F(ShowCommandTest, ShowsSeveralReportsSideBySide) {
  const std::string both = kReport + " " + kReport;
  EXPECT_EQ(run("show " + both), console::kDone);
  EXPECT_THAT(output_,
              AllOf(HasSubstr("[2]"), HasSubstr("\nrequests/s\n"), HasSubstr("\np50 ms\n")));
  EXPECT_EQ(run("show " + both + " --metric peak_connections"), console::kDone);
  EXPECT_THAT(output_, HasSubstr("\npeak connections\n"));
  EXPECT_EQ(run("show " + both + " --format json"), console::kDone);
  EXPECT_THAT(output_, StartsWith("["));
}

TEST_F(ShowCommandTest, RefusesWhatAFormCannotHold) {
  const std::string both = kReport + " " + kReport;
  EXPECT_EQ(run("show " + both + " --format bencher"), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("takes one report"));
  EXPECT_EQ(run("show " + kReport + " --cells"), console::kBadUsage);
  EXPECT_EQ(run("show " + kReport + " --format bencher --metric speed"), console::kBadUsage);
  EXPECT_EQ(run("show " + kReport + " --format xml"), console::kBadUsage);
}

}  // namespace
}  // namespace poolbench::cli
