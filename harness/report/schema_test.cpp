#include <gtest/gtest.h>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/file.h"
#include "report/report.h"

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

}  // namespace
}  // namespace poolbench::report
