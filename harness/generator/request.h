#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "generator/options.h"

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

/// One kind of request, ready to be written many times.
class Request {
 public:
  /// `host` is the value of the Host header, unless the specification has its own.
  Request(const RequestSpec& spec, std::string_view host);

  /// The bytes to write; they live in `buffer` or in this object. `closing` asks the server to
  /// close the connection after its answer.
  std::string_view text(const Slots& slots, bool closing, std::string& buffer) const;

  [[nodiscard]] const std::string& method() const { return method_; }
  /// It may be sent twice: that does what sending it once does (RFC 9110, 9.2.2).
  [[nodiscard]] bool is_idempotent() const { return is_idempotent_; }
  /// Its own header says that the connection ends with the answer.
  [[nodiscard]] bool closes() const { return closes_; }
  /// A HEAD request has an answer without a body, whatever its headers say.
  [[nodiscard]] bool is_head() const { return is_head_; }
  [[nodiscard]] const Expectation& expect() const { return expect_; }
  /// What the body must contain, with this request's slots filled; empty if nothing.
  [[nodiscard]] const TextTemplate& contains() const { return contains_; }

 private:
  void render(const Slots& slots, bool closing, std::string& out) const;

  std::string method_;
  bool is_idempotent_;
  bool closes_;
  bool is_head_;
  bool sends_length_;
  TextTemplate head_;  // up to the last header line, without the empty line
  TextTemplate body_;
  Expectation expect_;
  TextTemplate contains_;
  // Rendered once when there is no slot.
  std::string fixed_;
  std::string fixed_closing_;
};

/// All kinds of request of a run and how they mix.
class RequestMix {
 public:
  RequestMix(const Options& options, std::uint64_t seed);

  /// The kind that the request numbered `seq` is of: by weight, and the same for the same seed.
  [[nodiscard]] const Request& pick(std::uint64_t seq) const;
  [[nodiscard]] Slots slots(std::uint64_t seq) const;

 private:
  std::uint64_t seed_;
  std::vector<Request> requests_;
  std::vector<double> shares_;  // cumulative, the last is 1
};

}  // namespace poolbench::generator
