#pragma once

#include <llhttp.h>

#include <string_view>

#include "load/body_check.h"

namespace poolbench::load {

/// Finds the end of one HTTP/1 answer in bytes that come in any pieces.
class ResponseParser {
 public:
  enum class State { kIncomplete, kComplete, kMalformed };

  /// `check` gets the body and must outlive this.
  explicit ResponseParser(BodyCheck& check);
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
  static const llhttp_settings_t& settings();
  static int on_headers_complete(llhttp_t* parser);
  static int on_body(llhttp_t* parser, const char* at, size_t length);
  static int on_message_complete(llhttp_t* parser);

  llhttp_t parser_{};
  BodyCheck& check_;
  bool to_head_ = false;
  bool complete_ = false;
  bool keeps_alive_ = false;
  int status_ = 0;
  std::string_view complaint_;
};

}  // namespace poolbench::load
