#include "base/utf8.h"

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

}  // namespace poolbench::base
