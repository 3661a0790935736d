#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What all charts are drawn with.

namespace poolbench::page::svg {

/// A place in per cent with one decimal at most: "41%", "8.8%".
std::string percent(double value);

/// Text as it may stand between tags and in attributes.
std::string escaped(std::string_view text);

/// `<title>…</title>`, or nothing.
std::string title(std::string_view text);

/// A line through points of whole numbers, as the data of a path; the first one absolute.
std::string path_through(const std::vector<std::pair<double, double>>& points);

/// Text of an axis; `place` holds its attributes.
std::string axis_text(std::string_view place, std::string_view text);

}  // namespace poolbench::page::svg
