#include "generator/response.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <utility>

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

void HeaderCheck::begin(const Headers& expected, std::vector<std::string> values) {
  expected_ = &expected;
  wanted_ = std::move(values);
  restart();
}

void HeaderCheck::restart() {
  found_.assign(wanted_.size(), std::nullopt);
  name_.clear();
  value_.clear();
}

void HeaderCheck::name(std::string_view piece) { name_ += piece; }

void HeaderCheck::end() {
  value_.erase(value_.find_last_not_of(" \t") + 1);  // no part of it (RFC 9112, 5.1)
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (::strcasecmp((*expected_)[i].first.c_str(), name_.c_str()) != 0) continue;
    if (found_[i] != wanted_[i]) found_[i] = value_;  // a header may stand there several times
  }
  name_.clear();
  value_.clear();
}

std::string HeaderCheck::complaint() const {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const std::string& name = (*expected_)[i].first;
    if (!found_[i]) return fmt::format("the answer has no header {}", name);
    if (*found_[i] == wanted_[i]) continue;
    return fmt::format("the header {} is \"{}\", not \"{}\"", name, *found_[i], wanted_[i]);
  }
  return {};
}

namespace {

constexpr int kFirstStatus = 100;
constexpr int kFirstFinalStatus = 200;
constexpr int kLastStatus = 999;
constexpr int kSwitchingProtocols = 101;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

bool is_interim(int status) { return status < kFirstFinalStatus && status != kSwitchingProtocols; }

}  // namespace

ResponseParser::ResponseParser(BodyCheck& check, HeaderCheck& headers)
    : check_(check), headers_(headers) {
  llhttp_init(&parser_, HTTP_RESPONSE, settings(false));
  parser_.data = this;
}

HeaderCheck& ResponseParser::headers_of(llhttp_t* parser) {
  return static_cast<ResponseParser*>(parser->data)->headers_;
}

// Headers that nobody expects are not looked at.
llhttp_settings_t* ResponseParser::settings(bool with_headers) {
  static const auto make = [](bool headers) {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_headers_complete = on_headers_complete;
    settings.on_body = on_body;
    settings.on_message_complete = on_message_complete;
    if (!headers) return settings;
    settings.on_header_field = [](llhttp_t* parser, const char* at, size_t length) -> int {
      headers_of(parser).name({at, length});
      return HPE_OK;
    };
    settings.on_header_value = [](llhttp_t* parser, const char* at, size_t length) -> int {
      headers_of(parser).value({at, length});
      return HPE_OK;
    };
    settings.on_header_value_complete = [](llhttp_t* parser) -> int {
      headers_of(parser).end();
      return HPE_OK;
    };
    return settings;
  };
  static llhttp_settings_t without = make(false), all = make(true);
  return with_headers ? &all : &without;
}

void ResponseParser::begin(bool to_head) {
  parser_.settings = settings(headers_.is_wanted());
  llhttp_reset(&parser_);
  to_head_ = to_head;
  complete_ = false;
  keeps_alive_ = false;
  status_ = 0;
  complaint_ = {};
  is_fresh_ = true;
  saw_interim_ = false;
  tells_its_length_ = false;
}

bool ResponseParser::repeats_last_head(std::string_view bytes) {
  const std::size_t head_bytes = last_head_.bytes.size();
  if (to_head_ || headers_.is_wanted() || head_bytes == 0 ||
      bytes.size() != head_bytes + last_head_.body_bytes || !bytes.starts_with(last_head_.bytes)) {
    return false;
  }
  if (last_head_.body_bytes > 0) check_.feed(bytes.substr(head_bytes));
  status_ = last_head_.status;
  keeps_alive_ = last_head_.keeps_alive;
  complete_ = true;
  return true;
}

void ResponseParser::remember_head(std::string_view bytes) {
  last_head_.bytes.assign(bytes.substr(0, bytes.size() - length_));
  last_head_.body_bytes = length_;
  last_head_.status = status_;
  last_head_.keeps_alive = keeps_alive_;
}

ResponseParser::State ResponseParser::feed(std::string_view bytes) {
  const bool in_one_piece = std::exchange(is_fresh_, false);
  if (in_one_piece && repeats_last_head(bytes)) return State::kComplete;
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  if (!complete_) {
    if (error == HPE_OK) return State::kIncomplete;
    if (!complaint_.empty()) return State::kMalformed;
    const char* reason = llhttp_get_error_reason(&parser_);
    complaint_ = reason == nullptr ? llhttp_errno_name(error) : reason;
    return State::kMalformed;
  }
  if (llhttp_get_error_pos(&parser_) != bytes.data() + bytes.size()) {
    complaint_ = "bytes follow the end of the answer";
    return State::kMalformed;
  }
  if (in_one_piece && tells_its_length_) remember_head(bytes);
  return State::kComplete;
}

ResponseParser::State ResponseParser::finish() {
  llhttp_finish(&parser_);
  return complete_ ? State::kComplete : State::kIncomplete;
}

int ResponseParser::on_headers_complete(llhttp_t* parser) {
  constexpr int kBodyFollows = 0;
  constexpr int kNoBody = 1;
  constexpr int kRefused = -1;
  auto& self = *static_cast<ResponseParser*>(parser->data);
  self.status_ = parser->status_code;
  if (self.status_ < kFirstStatus || self.status_ > kLastStatus) {
    self.complaint_ = "the status is not a number of three digits";
    return kRefused;
  }
  const bool bodiless = self.to_head_ || self.status_ < kFirstFinalStatus ||
                        self.status_ == kNoContent || self.status_ == kNotModified;
  self.length_ = parser->content_length;
  self.tells_its_length_ = !bodiless && !self.saw_interim_ &&
                           (parser->flags & F_CONTENT_LENGTH) != 0 &&
                           (parser->flags & (F_CHUNKED | F_TRANSFER_ENCODING)) == 0;
  return bodiless ? kNoBody : kBodyFollows;
}

int ResponseParser::on_body(llhttp_t* parser, const char* at, size_t length) {
  static_cast<ResponseParser*>(parser->data)->check_.feed({at, length});
  return HPE_OK;
}

int ResponseParser::on_message_complete(llhttp_t* parser) {
  auto& self = *static_cast<ResponseParser*>(parser->data);
  if (is_interim(self.status_)) {
    self.status_ = 0;
    self.saw_interim_ = true;
    self.headers_.restart();
    return HPE_OK;
  }
  self.complete_ = true;
  self.keeps_alive_ = llhttp_should_keep_alive(parser) != 0 && self.status_ != kSwitchingProtocols;
  return HPE_PAUSED;
}

}  // namespace poolbench::generator
