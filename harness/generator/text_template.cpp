#include "generator/text_template.h"

#include <charconv>
#include <utility>

#include "base/placeholder.h"

namespace poolbench::generator {
namespace {

constexpr std::string_view kNonce = "nonce";
constexpr int kNonceDigits = 16;

void append_hex(std::uint64_t value, std::string& out) {
  for (int digit = kNonceDigits - 1; digit >= 0; --digit) {
    out += "0123456789abcdef"[(value >> (4 * digit)) & 0xf];
  }
}

void append_decimal(std::uint64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

}  // namespace

TextTemplate::TextTemplate(std::string_view text) {
  base::Template parts(text);
  for (base::Placeholder& placeholder : parts.placeholders) {
    pieces_.push_back({std::move(placeholder.before), placeholder.word == kNonce});
  }
  tail_ = std::move(parts.tail);
}

void TextTemplate::render(const Slots& slots, std::string& out) const {
  for (const Piece& piece : pieces_) {
    out += piece.before;
    if (piece.nonce) {
      append_hex(slots.nonce, out);
    } else {
      append_decimal(slots.seq, out);
    }
  }
  out += tail_;
}

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014); each step can be undone.
std::uint64_t scramble(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace poolbench::generator
