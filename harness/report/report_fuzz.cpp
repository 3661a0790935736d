// Any bytes as a report: refused, or read, written and shown; written again they read the same.
#include <cstdint>
#include <cstdlib>

#include "report/format/text.h"
#include "report/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace poolbench::report;
  auto report = parse_report({reinterpret_cast<const char*>(data), size});
  if (!report) return 0;
  const std::string text = report_text(*report);
  const auto again = parse_report(text);
  if (!again || report_text(*again) != text) std::abort();
  summarise(*report);
  to_text(*report, {true, 100});
  return 0;
}
