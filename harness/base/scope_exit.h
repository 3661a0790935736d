#pragma once

#include <utility>

namespace poolbench::base {

/// Calls its function when the scope ends, unless released.
template <typename Function>
class ScopeExit {
 public:
  explicit ScopeExit(Function function) : function_(std::move(function)) {}
  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() {
    if (armed_) function_();
  }
  void release() { armed_ = false; }

 private:
  Function function_;
  bool armed_ = true;
};

}  // namespace poolbench::base
