#include "e2e/schema.h"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/file.h"

namespace poolbench::e2e {

std::string schema_complaints(const std::string& report_text) {
  using valijson::adapters::NlohmannJsonAdapter;
  const auto file = base::read_file(POOLBENCH_SOURCE_DIR "/results/schema/report.schema.json");
  const auto description = nlohmann::json::parse(file.value_or("false"));
  const auto document = nlohmann::json::parse(report_text, nullptr, false);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(NlohmannJsonAdapter(description), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, NlohmannJsonAdapter(document), &results);
  std::string complaints;
  for (const auto& error : results) {
    for (const auto& place : error.context) complaints += place;
    complaints += ": " + error.description + "\n";
  }
  return complaints;
}

}  // namespace poolbench::e2e
