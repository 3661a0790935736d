#include "load/text_template.h"

#include <charconv>

namespace poolbench::load {
namespace {

constexpr std::string_view kSeq = "{seq}";
constexpr std::string_view kNonce = "{nonce}";
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
  std::size_t from = 0;
  for (std::size_t brace = text.find('{'); brace != std::string_view::npos;
       brace = text.find('{', brace)) {
    const std::string_view rest = text.substr(brace);
    const bool nonce = rest.starts_with(kNonce);
    if (!nonce && !rest.starts_with(kSeq)) {
      ++brace;
      continue;
    }
    pieces_.push_back({std::string(text.substr(from, brace - from)), nonce});
    brace += nonce ? kNonce.size() : kSeq.size();
    from = brace;
  }
  tail_ = std::string(text.substr(from));
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

}  // namespace poolbench::load
