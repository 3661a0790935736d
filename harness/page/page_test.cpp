#include "page/page.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "report/validity.h"

namespace poolbench::page {
namespace {

using report::Report;
using ::testing::HasSubstr;
using ::testing::Not;

Report report_of(const std::string& name) {
  return report::read_report(std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/" + name)
      .value();
}

std::string page_of(const Report& report) { return to_html({{report, "report.json"}}); }

/// Every number that carries a pointer: {pointer, value}.
std::multimap<std::string, double> numbers_in(const std::string& page) {
  static const std::regex number(R"re(<data value="([^"]*)" title="([^"]*)">)re");
  std::multimap<std::string, double> numbers;
  for (std::sregex_iterator match(page.begin(), page.end(), number), end; match != end; ++match) {
    numbers.emplace((*match)[2], base::parse_json((*match)[1].str()).get<double>());
  }
  return numbers;
}

class EveryReport : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Page, EveryReport,
                         ::testing::Values("report-1.0.json", "report-1.1.json", "report-1.2.json"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase_if(name, [](char byte) { return std::isalnum(byte) == 0; });
                           return name;
                         });

TEST_P(EveryReport, HasTheNumbersOfItsReport) {
  const Report report = report_of(GetParam());
  const base::Json json = report::to_json(report);
  const auto numbers = numbers_in(page_of(report));
  EXPECT_GT(numbers.size(), report.cells.size() * 8);
  for (const auto& [pointer, value] : numbers) {
    const base::Json::json_pointer place(pointer);
    ASSERT_TRUE(json.contains(place)) << pointer;
    EXPECT_EQ(json.at(place).get<double>(), value) << pointer;
  }
}

TEST_P(EveryReport, LoadsNothing) {
  const std::string page = page_of(report_of(GetParam()));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("style=\"")));
}

TEST_P(EveryReport, HasNoPlaceTwice) {
  const std::string page = page_of(report_of(GetParam()));
  static const std::regex id(R"re( id="([^"]*)")re");
  std::set<std::string> ids;
  for (std::sregex_iterator match(page.begin(), page.end(), id), end; match != end; ++match) {
    EXPECT_TRUE(ids.insert((*match)[1]).second) << (*match)[1];
  }
}

TEST_P(EveryReport, FillsEveryPlaceOfItsTemplate) {
  EXPECT_THAT(page_of(report_of(GetParam())), Not(HasSubstr("{{")));
}

TEST(PageTest, ShowsTheTimeBudgetAndWhatItExplains) {
  Report report = report_of("report-1.2.json");
  EXPECT_THAT(page_of(report), Not(HasSubstr("What a request’s time is made of")));
  for (report::CellReport& cell : report.cells) {
    for (report::Trial& trial : cell.trials) {
      report::Budget& budget = trial.budget.emplace();
      budget.serves_at_once = 2;
      budget.total_us = 8000;
      budget.connect_us = 6000;
      budget.unexplained_us = 2000;
      trial.missing.emplace_back("budget.query_us", "nobody counted them");
    }
  }
  report::summarise(report);
  ASSERT_FALSE(report.comparisons.empty());
  report.comparisons[0].explanation.emplace().text = "it connects less often";
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("What a request’s time is made of"));
  EXPECT_THAT(page, HasSubstr("title=\"/cells/0/summary/budget.connect_us/median\">6.00"));
  EXPECT_THAT(page, HasSubstr("connect 6.00 ms"));
  EXPECT_THAT(page, HasSubstr("it connects less often"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(PageTest, IsSmall) {
  constexpr std::size_t kMost = 150'000;
  EXPECT_LT(page_of(report_of("report-1.2.json")).size(), kMost);
}

TEST(PageTest, AnswersWithTheFirstComparison) {
  const Report report = report_of("report-1.2.json");
  ASSERT_FALSE(report.comparisons.empty());
  EXPECT_THAT(page_of(report), HasSubstr("title=\"/comparisons/0/ratio\""));
}

TEST(PageTest, NamesTheFastestWhereNothingIsCompared) {
  Report report = report_of("report-1.2.json");
  report.comparisons.clear();
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("serves most: "));
  EXPECT_THAT(page, Not(HasSubstr("id=\"comparisons\"")));
}

TEST(PageTest, SaysThatNothingWasMeasuredAndWhy) {
  Report report = report_of("report-1.2.json");
  report.outcome = report::Outcome::kFailed;
  report.environment.failure = "cannot start <the> server\nits log";
  report.comparisons.clear();
  report.hypotheses.clear();
  for (auto& cell : report.cells) {
    cell.trials.clear();
    summarise(cell);
  }
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("Nothing was measured that counts."));
  EXPECT_THAT(page, HasSubstr("cannot start &lt;the&gt; server"));
  EXPECT_THAT(page, HasSubstr("title=\"not run\""));
  EXPECT_THAT(page, Not(HasSubstr("its log")));
  report.cells.clear();
  EXPECT_THAT(page_of(report), HasSubstr("Nothing was measured that counts."));
}

TEST(PageTest, ShowsNoRateOfAFailedCellButItsError) {
  Report report = report_of("report-1.2.json");
  auto& cell = report.cells[0];
  for (auto& trial : cell.trials) {
    trial.status = report::TrialStatus::kFailed;
    trial.reasons = {"the server said: <no>"};
  }
  summarise(cell);
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("the server said: &lt;no&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("/cells/0/summary/throughput")));
}

TEST(PageTest, SaysWhyANumberIsUnknown) {
  Report report = report_of("report-1.2.json");
  auto& cell = report.cells[0];
  for (auto& trial : cell.trials) {
    trial.cpu_seconds.target.reset();
    trial.missing = {{"cpu_seconds.target", "a \"daemon\" runs it"}};
  }
  summarise(cell);
  EXPECT_THAT(page_of(report), HasSubstr("title=\"a &quot;daemon&quot; runs it\""));
}

TEST(PageTest, ShowsTheEndpointsOfAMix) {
  Report report = report_of("report-1.2.json");
  EXPECT_THAT(page_of(report), Not(HasSubstr("id=\"endpoints\"")));
  for (auto& trial : report.cells[0].trials) {
    report::EndpointFigures& figures = trial.measurement->endpoints["or/der"];
    figures.sent = figures.ok = 100;
    figures.throughput_requests_per_second = 50;
    figures.latency_us.count = 100;
    figures.latency_us.p50 = 1000;
  }
  summarise(report.cells[0]);
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("id=\"endpoints\""));
  const auto numbers = numbers_in(page);
  const std::string pointer =
      "/cells/0/summary/endpoint.or~1der.throughput_requests_per_second/median";
  ASSERT_EQ(numbers.count(pointer), 1U);
  EXPECT_EQ(report::to_json(report).at(base::Json::json_pointer(pointer)).get<double>(), 50);
}

TEST(PageTest, HoldsSeveralReports) {
  const Report report = report_of("report-1.2.json");
  const std::string page = to_html({{report, "a/report.json"}, {report, "b/report.json"}});
  EXPECT_THAT(page, HasSubstr("<h1 class=\"t1\">2 reports</h1>"));
  EXPECT_THAT(page, HasSubstr("data-report=\"b/report.json\""));
  EXPECT_THAT(page, HasSubstr("id=\"r2-comparisons\""));
  EXPECT_THAT(page, HasSubstr("<h2 class=\"t1\">"));
  EXPECT_THAT(page, HasSubstr(", report 2\""));
}

TEST(PageTest, NamesItsSectionsWhereThereIsOneReport) {
  const std::string page = page_of(report_of("report-1.2.json"));
  EXPECT_THAT(page, HasSubstr("<section id=\"cells\" aria-labelledby=\"h-cells\">"));
  EXPECT_THAT(page, Not(HasSubstr(", report 1\"")));
  EXPECT_THAT(page, Not(HasSubstr("<span class=\"do\"></span>"))) << "an empty text is no text";
}

TEST(PageTest, KeepsTextOfOthersFromBeingMarkup) {
  Report report = report_of("report-1.2.json");
  report.scenario.summary = "<script>alert(1)</script> {{style}}";
  report.cells[0].id = "variant=\"><img>";
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<img>")));
  EXPECT_THAT(page, HasSubstr("{{style}}")) << "what a report says is no template";
}

TEST(PageTest, AllowsItsOwnStyleAndScriptAlone) {
  EXPECT_THAT(page_of(report_of("report-1.2.json")),
              HasSubstr("content=\"default-src 'none'; style-src 'sha256-"));
}

TEST(PageTest, LiesBesideItsReport) {
  EXPECT_EQ(page_beside("runs/one/report.json"), "runs/one/report.html");
  EXPECT_EQ(page_beside("report.json"), "report.html");
}

TEST(PageTest, SaysWhyAnEndpointHasNoP99) {
  Report report = report_of("report-1.2.json");
  report::CellReport& cell = report.cells[0];
  for (report::Trial& trial : cell.trials) {
    report::EndpointFigures& order = trial.measurement->endpoints["order"];
    order.sent = order.ok = order.latency_us.count = 12;
    order.latency_us.p50 = 2000;
  }
  summarise(cell);
  const std::string page = page_of(report);
  EXPECT_THAT(page, HasSubstr("title=\"12 requests; p99 needs 1000\""));
  EXPECT_THAT(page,
              HasSubstr("No p99 of endpoint order in " + cell.id + ": a trial has 12 answers"));
}

}  // namespace
}  // namespace poolbench::page
