#include "page/svg.h"

#include <kainjow/mustache.hpp>

#include "base/text.h"

namespace poolbench::page::svg {

std::string percent(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (text == "-0") text = "0";
  return text + "%";
}

std::string escaped(std::string_view text) {
  return kainjow::mustache::html_escape(base::printable(text));
}

std::string title(std::string_view text) {
  return text.empty() ? std::string() : "<title>" + escaped(text) + "</title>";
}

std::string path_through(const std::vector<std::pair<double, double>>& points) {
  std::string path;
  long last_x = 0, last_y = 0;
  for (const auto& [x_exact, y_exact] : points) {
    const long x = std::lround(x_exact), y = std::lround(y_exact);
    if (path.empty()) {
      path = fmt::format("M{},{}", x, y);
    } else {
      const long dy = y - last_y;
      path += fmt::format("l{}{}{}", x - last_x, dy < 0 ? "" : " ", dy);
    }
    last_x = x;
    last_y = y;
  }
  return path;
}

std::string axis_text(std::string_view place, std::string_view text) {
  return fmt::format(R"(<text class="tl" {} fill="currentColor">{}</text>)", place, escaped(text));
}

}  // namespace poolbench::page::svg
