#pragma once

#include <kainjow/mustache.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Numbers as a page shows them: a text for people, and for programs the value and where it stands.

namespace poolbench::page {

using View = kainjow::mustache::data;
using Views = kainjow::mustache::list;

/// A narrow no-break space between thousands: "1 592". Anything but digits and a sign stays.
std::string group_thousands(std::string_view number);

/// Three significant digits, whole from 100 on: "1 592", "31.0", "0.148".
std::string number_text(double value);

/// "6.33 – 7.19", with thin spaces.
std::string range_text(std::string_view low, std::string_view high);

/// One number of a table.
struct Figure {
  std::string text{};      ///< for people
  std::string pointer{};   ///< JSON pointer of the value in its report; empty: derived, or unknown
  double value = 0;        ///< as the report has it; only with a pointer
  std::string before{};    ///< "×", "≥" or the like
  std::string after{};     ///< "*"
  std::string interval{};  ///< "6.33 – 7.19", below the number
  std::string reason{};    ///< why it is unknown; only without text

  /// {text, before, after, interval, is_number, is_derived, is_unknown, value, pointer, reason}:
  /// the template number.mustache shows it.
  [[nodiscard]] View view() const;
};

/// A number that is not known, and why.
Figure unknown(std::string reason);

/// Gives all texts as many places after the decimal point, filled with spaces as wide as what they
/// stand for, so that the column's decimal points lie below each other.
void align(std::span<Figure* const> column);

/// A key as a part of a JSON pointer (RFC 6901): "~" and "/" are escaped.
std::string pointer_part(std::string_view key);

}  // namespace poolbench::page
