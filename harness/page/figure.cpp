#include "page/figure.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "report/metric.h"

namespace poolbench::page {
namespace {

constexpr std::string_view kNarrowSpace = "\u202F", kThinSpace = "\u2009";
constexpr std::string_view kDigitSpace = "\u2007", kPointSpace = "\u2008";
constexpr std::string_view kUnknown = "–";
constexpr std::size_t kGroup = 3;

std::size_t decimals_of(std::string_view number) {
  const std::size_t point = number.find('.');
  return point == std::string_view::npos ? 0 : number.size() - point - 1;
}

}  // namespace

std::string group_thousands(std::string_view number) {
  const std::size_t begin = std::min(number.find_first_of("0123456789"), number.size());
  const std::size_t end = std::min(number.find_first_not_of("0123456789", begin), number.size());
  std::string text(number.substr(0, begin));
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin && (end - i) % kGroup == 0) text += kNarrowSpace;
    text += number[i];
  }
  return text += number.substr(end);
}

std::string number_text(double value) { return group_thousands(report::format_number(value)); }

std::string range_text(std::string_view low, std::string_view high) {
  return fmt::format("{0}{2}–{2}{1}", low, high, kThinSpace);
}

View Figure::view() const {
  const bool is_unknown = text.empty();
  View view;
  view.set("text", is_unknown ? std::string(kUnknown) : text);
  view.set("before", before);
  view.set("after", after);
  view.set("interval", interval);
  view.set("has_interval", !interval.empty());
  view.set("is_number", !is_unknown && !pointer.empty());
  view.set("is_derived", !is_unknown && pointer.empty());
  view.set("is_unknown", is_unknown);
  view.set("value", pointer.empty() ? std::string() : base::json_dump(base::Json(value)));
  view.set("pointer", pointer);
  view.set("reason", reason);
  return view;
}

Figure unknown(std::string reason) {
  Figure figure;
  figure.reason = std::move(reason);
  return figure;
}

void align(std::span<Figure* const> column) {
  std::size_t most = 0;
  for (const Figure* figure : column) most = std::max(most, decimals_of(figure->text));
  for (Figure* figure : column) {
    const std::size_t has = decimals_of(figure->text);
    if (figure->text.empty() || most == has) continue;
    if (has == 0) figure->after += kPointSpace;
    for (std::size_t i = has; i < most; ++i) figure->after += kDigitSpace;
  }
}

std::string pointer_part(std::string_view key) {
  std::string part;
  for (const char byte : key) {
    if (byte == '~') {
      part += "~0";
    } else if (byte == '/') {
      part += "~1";
    } else {
      part += byte;
    }
  }
  return part;
}

}  // namespace poolbench::page
