// Any bytes as a report: refused, or verified, compared with itself and turned into history, which
// reads back as it was written. Any bytes as history: refused or shown.
#include <cstdint>
#include <cstdlib>

#include "diff/between.h"
#include "diff/render.h"
#include "diff/render_history.h"
#include "diff/verify.h"

namespace {

using namespace poolbench;

void show(const diff::Diff& diff) {
  diff::to_text(diff, {false, 100});
  diff::to_markdown(diff);
  diff::to_junit(diff);
  diff::to_github(diff);
  diff::to_json(diff);
}

void try_history(std::string_view bytes) {
  const auto lines = diff::parse_history(bytes);
  if (!lines) return;
  const auto trends = diff::trends(*lines, {}, {});
  diff::to_text(trends, {true, 100});
  diff::to_json(trends);
}

void try_report(std::string_view bytes) {
  const auto document = report::parse_document(bytes);
  if (!document) return;
  const auto report = report::report_from_json(*document);
  if (!report) return;
  diff::verify(*document, *report);
  const auto lines = diff::history_lines(*report);
  const std::string text = diff::history_text(lines);
  const auto back = diff::parse_history(text);
  if (!back || diff::history_text(*back) != text) std::abort();
  diff::DiffOptions options;
  options.background = {lines, lines};
  for (const char* anchor : {"", "none"}) {
    if (*anchor != '\0') options.anchor = anchor;
    if (const auto diff = diff::compare_reports(*report, *report, options)) show(*diff);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_report(bytes);
  try_history(bytes);
  return 0;
}
