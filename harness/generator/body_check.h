#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "generator/options.h"

namespace poolbench::generator {

/// Compares a body with what is expected of it, piece by piece, without keeping it.
class BodyCheck {
 public:
  /// Starts a new body. `expect` must outlive it; `contains` is the text to find, empty for none.
  void begin(const Expectation& expect, std::string_view contains);
  void feed(std::string_view piece);

  /// Empty if the whole body was as expected, else what is wrong with it.
  [[nodiscard]] std::string complaint() const;
  [[nodiscard]] bool is_as_expected() const;
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  void search(std::string_view piece);

  const Expectation* expect_ = nullptr;
  std::uint64_t length_ = 0;
  bool differs_ = false;
  bool found_ = false;
  std::string contains_;
  std::string seam_;  // the end of what was searched, in which a match may have begun
};

}  // namespace poolbench::generator
