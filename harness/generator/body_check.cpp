#include "generator/body_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolbench::generator {

void BodyCheck::begin(const Expectation& expect, std::string_view contains) {
  expect_ = &expect;
  length_ = 0;
  differs_ = false;
  found_ = contains.empty();
  contains_.assign(contains);
  seam_.clear();
}

void BodyCheck::feed(std::string_view piece) {
  if (expect_->body) {
    const std::string_view wanted = *expect_->body;
    differs_ = differs_ || length_ + piece.size() > wanted.size() ||
               wanted.substr(length_, piece.size()) != piece;
  }
  length_ += piece.size();
  if (!found_) search(piece);
}

void BodyCheck::search(std::string_view piece) {
  const std::size_t overlap = contains_.size() - 1;
  if (!seam_.empty()) {
    seam_.append(piece.substr(0, overlap));
    found_ = seam_.find(contains_) != std::string::npos;
  }
  found_ = found_ || piece.find(contains_) != std::string_view::npos;
  if (found_) return;
  if (piece.size() >= overlap) {
    seam_.assign(piece.substr(piece.size() - overlap));
  } else {
    if (seam_.empty()) seam_.assign(piece);
    seam_.erase(0, seam_.size() - std::min(seam_.size(), overlap));
  }
}

bool BodyCheck::is_as_expected() const {
  if (!found_ || differs_) return false;
  if (expect_->body && length_ != expect_->body->size()) return false;
  return !expect_->length || length_ == *expect_->length;
}

std::string BodyCheck::complaint() const {
  if (is_as_expected()) return {};
  if (expect_->length && length_ != *expect_->length) {
    return fmt::format("the body has {} bytes, not {}", length_, *expect_->length);
  }
  if (!found_) return fmt::format("the body does not contain \"{}\"", contains_);
  return fmt::format("the body ({} bytes) differs from the expected one ({} bytes)", length_,
                     expect_->body->size());
}

}  // namespace poolbench::generator
