#pragma once

#include <fmt/format.h>

#include <exception>
#include <new>
#include <system_error>

#include "base/result.h"

namespace poolbench::base {

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
