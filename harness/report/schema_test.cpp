#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/file.h"
#include "report/description_fixture.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

const std::string kSource = POOLBENCH_SOURCE_DIR;

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() {
    const auto text = base::read_file(kSource + "/results/schema/report.schema.json");
    const auto json = nlohmann::json::parse(text.value_or("null"));
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json), schema_);
    golden_ = fixture("report-1.2.json");
  }

  static nlohmann::json fixture(const std::string& name) {
    return nlohmann::json::parse(
        base::read_file(kSource + "/harness/report/testdata/" + name).value_or("null"));
  }

  /// What the schema says against the document; empty if nothing.
  std::string complaints(const nlohmann::json& document) {
    valijson::Validator validator;
    valijson::ValidationResults results;
    validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), &results);
    std::string text;
    for (const auto& error : results) {
      for (const auto& place : error.context) text += place;
      text += ": " + error.description + "\n";
    }
    return text;
  }

  valijson::Schema schema_;
  nlohmann::json golden_;
};

TEST_F(SchemaTest, HoldsForTheGoldenReport) { EXPECT_EQ(complaints(golden_), ""); }

TEST_F(SchemaTest, HoldsForReportsOfEarlierSchemas) {
  EXPECT_EQ(complaints(fixture("report-1.0.json")), "");
  EXPECT_EQ(complaints(fixture("report-1.1.json")), "");
}

TEST_F(SchemaTest, HoldsForAnEmptyReportAndAnEmptyTrial) {
  Report report;
  EXPECT_EQ(complaints(nlohmann::json::parse(report_text(report))), "");
  report.cells.emplace_back().id = "all";
  report.cells.back().trials.emplace_back().measurement.emplace();
  EXPECT_EQ(complaints(nlohmann::json::parse(report_text(report))), "");
}

TEST_F(SchemaTest, RefusesWhatWeDoNotWrite) {
  auto changed = golden_;
  changed["cells"][0]["trials"][0]["latency_ms"] = 1;
  EXPECT_NE(complaints(changed), "");
  changed = golden_;
  changed["cells"][0]["trials"][0]["requests"]["sent"] = -1;
  EXPECT_NE(complaints(changed), "");
  changed = golden_;
  changed["comparisons"][0]["verdict"] = "better";
  EXPECT_NE(complaints(changed), "");
  changed = golden_;
  changed["schema_version"] = "2.0";
  EXPECT_NE(complaints(changed), "");
}

// Files that follow from the lists of fields and the table of metrics.

constexpr const char* kHowTo =
    "regenerate it: POOLBENCH_REGENERATE=1 report_test --gtest_filter='DescriptionTest.*'";

/// The file is `text`, or becomes it on demand.
void expect_file(const std::string& file, const std::string& text) {
  if (std::getenv("POOLBENCH_REGENERATE") != nullptr) {
    ASSERT_TRUE(base::write_file_atomically(file, text).has_value());
  }
  EXPECT_TRUE(base::read_file(file).value_or("") == text) << file << " differs; " << kHowTo;
}

TEST(DescriptionTest, TheSchemaFollowsFromTheFields) {
  base::Json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"$id", "https://poolbench.invalid/schema/report-1.json"},
      {"title", "poolbench report, schema version 1.x"},
      {"description",
       "What `poolbench run` writes. Every quantity carries its unit in its name; null means not "
       "known, and `missing` of the trial says why. docs/report-reference.md explains each "
       "member."}};
  schema.update(Describer::of<Report>().schema());
  schema["required"].push_back("content_sha256");
  schema["properties"]["content_sha256"] = {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}};
  expect_file(kSource + "/results/schema/report.schema.json", schema.dump(1) + "\n");
}

std::string table_of(const std::vector<DescribedMember>& members) {
  std::string text = "| member | type | meaning |\n| --- | --- | --- |\n";
  for (const DescribedMember& member : members) {
    text += fmt::format("| `{}` | {} | {} |\n", member.path, member.type, member.meaning);
  }
  return text;
}

/// Puts the table between its two marks.
void set_table(std::string& page, const std::string& name, const std::string& table) {
  const std::string begin = "<!-- table of " + name + " -->\n", end = "<!-- end of table -->";
  const std::size_t from = page.find(begin);
  ASSERT_NE(from, std::string::npos) << name;
  const std::size_t start = from + begin.size();
  page.replace(start, page.find(end, start) - start, "\n" + table + "\n");
}
void set_table(std::string& page, const std::string& name,
               const std::vector<DescribedMember>& members) {
  set_table(page, name, table_of(members));
}

std::string table_of(std::span<const Metric> metrics) {
  std::string text =
      "| metric | in tables | better | margin | where the machine spoilt the trial |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Metric& metric : metrics) {
    const std::string since =
        metric.since_minor > 0 ? fmt::format(" (1.{})", metric.since_minor) : "";
    text += fmt::format("| `{}`{} | {} | {} | {:g} % | {} |\n", metric.name, since, metric.label,
                        word_of(metric.better), 100 * metric.margin,
                        metric.machine_proof ? "counts" : "does not count");
  }
  return text;
}

TEST(DescriptionTest, TheTablesOfTheDocumentationFollowFromTheFieldsAndMetrics) {
  const std::string file = kSource + "/docs/report-reference.md";
  std::string page = base::read_file(file).value_or("");
  auto top = Describer::of<Report>().members();
  top.push_back({"content_sha256", "text", "see above"});
  set_table(page, "the report", top);
  set_table(page, "the design", Describer::of<Design>().members());
  set_table(page, "the environment", Describer::of<Environment>().members());
  set_table(page, "a cell", Describer::of<CellReport>().members());
  set_table(page, "a trial", Describer::of<Trial>().members());
  set_table(page, "a measurement", Describer::measurement_members());
  set_table(page, "a comparison", Describer::of<ComparisonResult>().members());
  set_table(page, "a hypothesis", Describer::of<HypothesisResult>().members());
  set_table(page, "metrics", table_of(metrics()));
  expect_file(file, page);
}

}  // namespace
}  // namespace poolbench::report
