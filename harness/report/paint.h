#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"

namespace poolbench::report {

enum class Colour { kPlain, kBold, kDim, kGreen, kRed, kYellow };

/// The text in that colour for a terminal, or as it is if `enabled` is false.
std::string paint(std::string_view text, Colour colour, bool enabled);

/// Columns a terminal needs: one per code point (reports hold no wide characters of ours).
std::size_t display_width(std::string_view text);

using base::printable;

/// A text that may hold what paint() made: its colours stay, all else becomes printable, in lines.
std::string printable_painted(std::string_view text);

/// Breaks at spaces so that no line exceeds `width` columns, if words allow; every line, the first
/// too, starts with `indent` spaces. No final newline.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace poolbench::report
