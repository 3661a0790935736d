#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

/// Sessions that the toy's requests share: each waits until one is free.
class ToyPool {
 public:
  /// Opened when they are first needed, as libpq's variables say; 0: one for each request.
  explicit ToyPool(int size) : size_(size) {}
  ~ToyPool() {
    for (PGconn* connection : free_) ::PQfinish(connection);
  }
  ToyPool(const ToyPool&) = delete;
  ToyPool& operator=(const ToyPool&) = delete;

  /// Runs a statement in one of them; returns what went wrong, or nothing.
  std::string run(const std::string& sql) {
    PGconn* const connection = take();
    PGresult* const result = ::PQexec(connection, sql.c_str());
    const bool is_good = ::PQresultStatus(result) == PGRES_TUPLES_OK;
    std::string problem = is_good ? "" : ::PQerrorMessage(connection);
    ::PQclear(result);
    give_back(connection);
    return problem;
  }

  /// How long requests have waited, all together.
  std::int64_t waited_us() {
    const std::lock_guard lock(mutex_);
    return waited_us_;
  }

 private:
  PGconn* take() {
    using std::chrono::steady_clock;
    if (size_ == 0) return ::PQconnectdb("");
    std::unique_lock lock(mutex_);
    if (opened_ < size_) {
      ++opened_;
      return ::PQconnectdb("");
    }
    const auto began = steady_clock::now();
    is_free_.wait(lock, [&] { return !free_.empty(); });
    waited_us_ +=
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began).count();
    PGconn* const connection = free_.back();
    free_.pop_back();
    return connection;
  }
  void give_back(PGconn* connection) {
    if (size_ == 0) return ::PQfinish(connection);
    const std::lock_guard lock(mutex_);
    free_.push_back(connection);
    is_free_.notify_one();
  }

  int size_, opened_ = 0;
  std::mutex mutex_;
  std::condition_variable is_free_;
  std::vector<PGconn*> free_;
  std::int64_t waited_us_ = 0;
};
