// Any bytes as a report: refused, or verified, compared with itself and turned into history, which
// reads back as it was written. Any bytes as history: refused or shown.
#include <cstdint>
#include <cstdlib>

#include "compare/between_reports.h"
#include "compare/format/render.h"
#include "compare/verify.h"

namespace {

using namespace poolbench;

void show(const compare::Diff& diff) {
  compare::to_text(diff, {false, 100});
  compare::to_markdown(diff);
  compare::to_junit(diff);
  compare::to_github(diff);
  compare::to_json(diff);
}

void try_history(std::string_view bytes) {
  const auto lines = compare::parse_history(bytes);
  if (!lines) return;
  const auto trends = compare::trends(*lines, {}, {});
  compare::to_text(trends, {true, 100});
  compare::to_json(trends);
}

void try_report(std::string_view bytes) {
  const auto document = report::parse_document(bytes);
  if (!document) return;
  const auto report = report::report_from_json(*document);
  if (!report) return;
  compare::verify(*document, *report);
  const auto lines = compare::history_lines(*report);
  const std::string text = compare::history_text(lines);
  const auto back = compare::parse_history(text);
  if (!back || compare::history_text(*back) != text) std::abort();
  compare::DiffOptions options;
  options.background = {lines, lines};
  for (const char* anchor : {"", "none"}) {
    if (*anchor != '\0') options.anchor = anchor;
    if (const auto diff = compare::compare_reports(*report, *report, options)) show(*diff);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_report(bytes);
  try_history(bytes);
  return 0;
}
