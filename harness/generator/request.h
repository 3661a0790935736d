#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/placeholder.h"
#include "generator/options.h"

namespace poolbench::generator {

/// What tells one request from the others of its kind, and so what its placeholders stand for.
struct Slots {
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
  std::uint64_t draw = 0;    ///< random: what {random} and {pick} are made of
  std::uint64_t client = 0;  ///< whose values are used
};

/// Where the texts come from that a placeholder chooses among. They must outlive the templates.
struct TextChoices {
  std::span<const ClientValue> client_values{};
  std::span<const LineFile> line_files{};
};

/// Text with the placeholders of a request (RequestSpec), by the grammar of base::Template. It must
/// hold no other (base::refuse).
class TextTemplate {
 public:
  TextTemplate() = default;
  explicit TextTemplate(std::string_view text, const TextChoices& choices = {});

  /// A text without placeholders, whatever it looks like.
  static TextTemplate plain(std::string_view text);

  /// No placeholder at all: render() gives the same text always.
  [[nodiscard]] bool is_fixed() const { return pieces_.empty(); }
  [[nodiscard]] bool is_empty() const { return pieces_.empty() && tail_.empty(); }

  /// Appends the text with its placeholders filled.
  void render(const Slots& slots, std::string& out) const;

 private:
  enum class Kind : std::uint8_t { kSeq, kSeqInRange, kNonce, kRandom, kPick, kClient };
  struct Piece {
    std::string before;
    Kind kind = Kind::kSeq;
    std::uint64_t least = 0;  // of a range
    std::uint64_t count = 0;  // of a range; 0: all numbers
    std::uint64_t salt = 0;   // so that different placeholders draw differently
    std::span<const std::string> texts{};
  };
  static Piece piece_of(const base::Placeholder& placeholder, const TextChoices& choices);

  std::vector<Piece> pieces_;
  std::string tail_;
};

/// A bijection whose output looks random: distinct inputs give distinct nonces.
std::uint64_t scramble(std::uint64_t value);

/// One kind of request, ready to be written many times.
class Request {
 public:
  /// `host` is the value of the Host header, unless the specification has its own.
  Request(const RequestSpec& spec, std::string_view host, const TextChoices& choices = {});

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
  /// The values of the headers that are expected, in their order.
  [[nodiscard]] const std::vector<TextTemplate>& header_values() const { return header_values_; }
  /// Its text is the same always.
  [[nodiscard]] bool is_fixed() const { return !fixed_.empty(); }
  /// Method and target as sent, "GET /city/17".
  [[nodiscard]] std::string line(const Slots& slots) const;

 private:
  void render(const Slots& slots, bool closing, std::string& out) const;

  std::string method_;
  bool is_idempotent_;
  bool closes_;
  bool is_head_;
  bool sends_length_;
  TextTemplate target_;
  TextTemplate head_;  // up to the last header line, without the empty line
  TextTemplate body_;
  Expectation expect_;
  TextTemplate contains_;
  std::vector<TextTemplate> header_values_;
  // Rendered once when there is no slot.
  std::string fixed_;
  std::string fixed_closing_;
};

/// All kinds of request of a run and how they mix. The options must outlive it.
class RequestMix {
 public:
  RequestMix(const Options& options, std::uint64_t seed, std::uint64_t nonce_seed);

  /// The kind that the request numbered `seq` is of: by weight, and the same for the same seed.
  [[nodiscard]] std::size_t pick(std::uint64_t seq) const;
  [[nodiscard]] const Request& operator[](std::size_t kind) const { return requests_[kind]; }
  /// All requests are the same.
  [[nodiscard]] bool is_one_text() const {
    return requests_.size() == 1 && requests_.front().is_fixed();
  }
  [[nodiscard]] Slots slots(std::uint64_t seq, std::uint64_t client) const;

 private:
  std::uint64_t seed_;
  std::uint64_t nonce_seed_;
  std::vector<Request> requests_;
  std::vector<double> shares_;  // cumulative, the last is 1
};

}  // namespace poolbench::generator
