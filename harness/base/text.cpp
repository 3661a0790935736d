#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace poolbench::base {
namespace {

/// The characters whose first byte is at least `lead`, as far as the next entry.
struct Form {
  unsigned char lead;
  std::size_t bytes;    ///< 0: no character begins so
  char32_t least;       ///< a smaller code in so many bytes is overlong
  unsigned char value;  ///< the bits of the first byte that belong to the code
};

constexpr Form kForms[] = {{0x00, 1, 0x00, 0x7F},  {0x80, 0, 0, 0},          {0xC0, 2, 0x80, 0x1F},
                           {0xE0, 3, 0x800, 0x0F}, {0xF0, 4, 0x10000, 0x07}, {0xF8, 0, 0, 0}};
constexpr unsigned kContinuationBits = 6;
constexpr unsigned kContinuationValue = 0x3F;
constexpr char32_t kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF, kLast = 0x10FFFF;

Form form_of(unsigned char lead) {
  Form found = kForms[0];
  for (const Form& form : kForms) {
    if (lead >= form.lead) found = form;
  }
  return found;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Range {
  char32_t first, last;
};

constexpr Range kSteering[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C},
                               {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
/// XML has no way to write them.
constexpr Range kNoCharacters[] = {{0xFFFE, 0xFFFF}};

template <std::size_t kCount>
bool is_in(const Range (&ranges)[kCount], char32_t code) {
  return std::ranges::any_of(
      ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

constexpr std::size_t kLongestWord = 200;

/// Digits that differ are another number, not a slip.
bool is_number(std::string_view word) {
  return word.find_first_not_of("0123456789.+-") == std::string_view::npos;
}

/// At most so many slips make one of the other.
std::size_t most_slips(std::size_t word, std::size_t candidate) {
  return std::min(std::max<std::size_t>(1, word / 3), std::max(word, candidate) / 3);
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<Character> first_character(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text.front());
  const Form form = form_of(lead);
  if (form.bytes == 0 || text.size() < form.bytes) return std::nullopt;
  auto code = static_cast<char32_t>(lead & form.value);
  for (const char byte : text.substr(1, form.bytes - 1)) {
    if (!continues_character(byte)) return std::nullopt;
    code = (code << kContinuationBits) | (static_cast<unsigned char>(byte) & kContinuationValue);
  }
  const bool surrogate = code >= kFirstSurrogate && code <= kLastSurrogate;
  if (code < form.least || code > kLast || surrogate) return std::nullopt;
  return Character{code, form.bytes};
}

bool is_unprintable(char32_t character) {
  return is_in(kSteering, character) || is_in(kNoCharacters, character);
}

std::string printable(std::string_view text, bool keep_lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    std::size_t length = character ? character->bytes : 1;
    if (!character || is_in(kNoCharacters, character->code)) {
      result += kReplacement;
      while (length < text.size() && continues_character(text[length])) ++length;
    } else if (is_in(kSteering, character->code) && !(keep_lines && text.front() == '\n')) {
      result += ' ';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string nearest_name(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongestWord || is_number(word)) return {};
  std::size_t best = kLongestWord;
  std::string name;
  for (const std::string& candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d < best && d <= most_slips(word.size(), candidate.size())) {
      best = d;
      name = candidate;
    }
  }
  return name;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > bytes.size();
      out += padding ? '=' : kBase64[(group >> (18 - 6 * j)) & 0x3f];
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 0xff);
    }
  }
  return out;
}

}  // namespace poolbench::base
