// Independent tasks on two threads; who is free takes the next.
#pragma once
#include <atomic>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace prover {

/** Runs all tasks and waits for them. An exception of a task is thrown here, after all have ended. */
inline void runAll(const std::vector<std::function<void()>>& tasks) {
  std::atomic<size_t> next{0};
  std::exception_ptr failures[2];
  const auto work = [&](std::exception_ptr& failure) {
    for (size_t task; (task = next.fetch_add(1)) < tasks.size();) {
      try {
        tasks[task]();
      } catch (...) {
        failure = std::current_exception();
      }
    }
  };
  std::thread helper(work, std::ref(failures[1]));
  work(failures[0]);
  helper.join();
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

/** Calls `work(from, to)` for both halves of a range. */
template <class Work>
void runHalves(size_t size, const Work& work) {
  runAll({[&] { work(size_t(0), size / 2); }, [&] { work(size / 2, size); }});
}

}  // namespace prover
