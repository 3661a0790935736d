#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace poolbench::base {

/// What kind of failure it is; the command line maps it to an exit code.
enum class ErrorCode {
  kBadInput,     ///< the user's words, files or settings are wrong (exit 2)
  kFailed,       ///< a service, a trial or a comparison failed (exit 3)
  kInterrupted,  ///< a signal asked us to stop (exit 130)
  kUnavailable,  ///< something that is needed is not installed (exit 3)
};

/// A failure as a person should read it. `message` says what happened, `where` names the place
/// (file:line:column, a path, a URL; may be empty), `next` says what to do about it (may be empty).
struct Error {
  ErrorCode code = ErrorCode::kFailed;
  std::string message;
  std::string where;
  std::string next;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// `return bad_input("…", where, next);` from any function that returns a Result.
inline tl::unexpected<Error> bad_input(std::string message, std::string where = {},
                                       std::string next = {}) {
  return tl::unexpected(
      Error{ErrorCode::kBadInput, std::move(message), std::move(where), std::move(next)});
}

inline tl::unexpected<Error> failed(std::string message, std::string where = {},
                                    std::string next = {}) {
  return tl::unexpected(
      Error{ErrorCode::kFailed, std::move(message), std::move(where), std::move(next)});
}

inline tl::unexpected<Error> interrupted(std::string message) {
  return tl::unexpected(Error{ErrorCode::kInterrupted, std::move(message), {}, {}});
}

/// The error as text: "message\n  at where\n  next: …", without a final newline.
inline std::string to_text(const Error& error) {
  std::string text = error.message;
  if (!error.where.empty()) text += "\n  at " + error.where;
  if (!error.next.empty()) text += "\n  next: " + error.next;
  return text;
}

/// Calls a function that returns a Result. An exception that leaves it (the system refuses a thread
/// or memory, or a library fails in a way that nobody foresaw) becomes kFailed with its words.
template <typename Function>
auto guarded(Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return failed("there is not enough memory", {}, "free some memory, or raise its limit");
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again) return failed(error.what());
    return failed("the system refuses another thread", {},
                  "raise its limits: ulimit -u, ulimit -v, pids.max of the control group");
  } catch (const std::exception& exception) {
    return failed(exception.what());
  }
}

}  // namespace poolbench::base

/// Evaluates an expression of type Result<…>; on failure returns its error from this function.
#define POOLBENCH_TRY(expression)                                                          \
  do {                                                                                     \
    if (auto&& poolbench_try = (expression); !poolbench_try)                               \
      return tl::unexpected(std::forward<decltype(poolbench_try)>(poolbench_try).error()); \
  } while (false)
