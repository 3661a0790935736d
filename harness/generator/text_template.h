#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace poolbench::generator {

/// What one request puts in the place of {seq} and {nonce}.
struct Slots {
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
};

/// Text in which {seq} becomes a decimal number and {nonce} sixteen hexadecimal digits; by the
/// grammar of base::Template. It must hold no other placeholder (base::refuse).
class TextTemplate {
 public:
  TextTemplate() = default;
  explicit TextTemplate(std::string_view text);

  /// No slot at all: render() gives the same text always.
  [[nodiscard]] bool is_fixed() const { return pieces_.empty(); }
  [[nodiscard]] bool is_empty() const { return pieces_.empty() && tail_.empty(); }

  /// Appends the text with its slots filled.
  void render(const Slots& slots, std::string& out) const;

 private:
  struct Piece {
    std::string before;
    bool nonce = false;
  };
  std::vector<Piece> pieces_;
  std::string tail_;
};

/// A bijection whose output looks random: distinct inputs give distinct nonces.
std::uint64_t scramble(std::uint64_t value);

}  // namespace poolbench::generator
