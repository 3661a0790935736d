// Any bytes as an answer in Prometheus' text format: read, or refused in words. What follows the
// first line is the answer; the first line is the name that is looked for.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probe/metric_text.h"

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view name = bytes.substr(0, bytes.find('\n'));
  const std::string_view text = bytes.substr(name.size() < size ? name.size() + 1 : size);
  for (const auto& labels : {std::map<std::string, std::string>{},
                             std::map<std::string, std::string>{{"code", "200"}}}) {
    const auto number = poolbench::probe::number_in_prometheus(text, name, labels);
    if (number && !std::isfinite(*number)) std::abort();
    if (!number && number.error().message.empty()) std::abort();
  }
  return 0;
}
