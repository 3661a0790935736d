#pragma once

#include <llhttp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Compares an answer's headers with those that are expected.
class HeaderCheck {
 public:
  /// Starts a new answer. `expected` must outlive it; `values` are theirs, as sent.
  void begin(const Headers& expected, std::vector<std::string> values);
  /// Takes the next piece of a header's name, or of its value, and its end.
  void name(std::string_view piece);
  void value(std::string_view piece) { value_ += piece; }
  void end();
  /// What came was an interim answer: forgets its headers.
  void restart();

  [[nodiscard]] bool is_wanted() const { return expected_ != nullptr && !expected_->empty(); }
  [[nodiscard]] bool is_as_expected() const { return complaint().empty(); }
  /// Empty if all headers are as expected, else what is wrong with the first that is not.
  [[nodiscard]] std::string complaint() const;

 private:
  const Headers* expected_ = nullptr;
  std::vector<std::string> wanted_;
  std::vector<std::optional<std::string>> found_;  // the value that comes nearest
  std::string name_, value_;
};

/// Finds the end of one HTTP/1 answer in bytes that come in any pieces.
class ResponseParser {
 public:
  enum class State { kIncomplete, kComplete, kMalformed };

  /// `check` gets the body, `headers` the headers if it wants any; both must outlive this.
  ResponseParser(BodyCheck& check, HeaderCheck& headers);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser() = default;

  /// Starts a new answer; one to a HEAD request has no body.
  void begin(bool to_head);
  /// Takes the next bytes. Bytes after the end of the answer are malformed, since nothing else was
  /// asked for.
  State feed(std::string_view bytes);
  /// The peer closed: complete only if the answer was to end so.
  State finish();

  /// Of the final answer (not of an interim 1xx); 0 before its headers are complete.
  [[nodiscard]] int status() const { return status_; }
  /// Whether the connection may carry another request.
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }
  /// What is malformed; points to static text.
  [[nodiscard]] std::string_view complaint() const { return complaint_; }

 private:
  static llhttp_settings_t* settings(bool with_headers);
  static HeaderCheck& headers_of(llhttp_t* parser);
  static int on_headers_complete(llhttp_t* parser);
  static int on_body(llhttp_t* parser, const char* at, size_t length);
  static int on_message_complete(llhttp_t* parser);
  bool repeats_last_head(std::string_view bytes);
  void remember_head(std::string_view bytes);

  llhttp_t parser_{};
  BodyCheck& check_;
  HeaderCheck& headers_;
  bool to_head_ = false;
  bool complete_ = false;
  bool keeps_alive_ = false;
  int status_ = 0;
  std::string_view complaint_;

  // The head of the last answer that came in one piece and told its length. A server repeats it
  // byte for byte, until the second of its Date changes, and the same bytes mean the same:
  // comparing is several times cheaper than parsing.
  struct Head {
    std::string bytes;
    std::uint64_t body_bytes = 0;
    int status = 0;
    bool keeps_alive = false;
  };
  Head last_head_;
  bool is_fresh_ = true;  // nothing of this answer was fed yet
  bool saw_interim_ = false;
  bool tells_its_length_ = false;  // by Content-Length, and nothing came before its head
  std::uint64_t length_ = 0;
};

}  // namespace poolbench::generator
