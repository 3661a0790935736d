#include <gmock/gmock.h>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

namespace poolbench::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class HtmlCommandTest : public CommandTest {
 protected:
  HtmlCommandTest() : CommandTest({add_html_command}) {
    for (const char* run : {"one", "two"}) {
      std::filesystem::create_directory(folder_ / run);
      std::filesystem::copy_file(
          std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/report-1.2.json",
          folder_ / run / "report.json");
    }
  }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
};

TEST_F(HtmlCommandTest, WritesThePageBesideTheReport) {
  EXPECT_EQ(run("html " + path("one")), console::kDone) << errors_;
  EXPECT_THAT(output_, IsEmpty());
  EXPECT_THAT(errors_, HasSubstr(path("one/report.html")));
  EXPECT_THAT(base::read_file(path("one/report.html")).value(),
              AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("<a href=\"report.json\">")));
}

TEST_F(HtmlCommandTest, PrintsThePageIfAskedTo) {
  EXPECT_EQ(run("html " + path("one") + " -o -"), console::kDone);
  EXPECT_THAT(output_, StartsWith("<!DOCTYPE html>"));
}

TEST_F(HtmlCommandTest, MakesOnePageOfSeveralReports) {
  EXPECT_EQ(run("html " + path("one") + " " + path("two") + " -o " + path("all.html")),
            console::kDone);
  EXPECT_THAT(base::read_file(path("all.html")).value(),
              AllOf(HasSubstr("data-report=\"one/report.json\""),
                    HasSubstr("data-report=\"two/report.json\"")));
}

TEST_F(HtmlCommandTest, AsksWhereAPageOfSeveralReportsIsToLie) {
  EXPECT_EQ(run("html " + path("one") + " " + path("two")), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("-o FILE"));
}

TEST_F(HtmlCommandTest, NamesAReportThatCannotBeReadAndAPageThatCannotBeWritten) {
  EXPECT_EQ(run("html " + path("none")), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr(path("none")));
  EXPECT_EQ(run("html " + path("one") + " -o " + path("none/page.html")), console::kFailure);
  EXPECT_THAT(errors_, HasSubstr(path("none/page.html")));
}

}  // namespace
}  // namespace poolbench::cli
