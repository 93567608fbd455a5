// Several tasks at once, inside one: all of them, or the first.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "async/scope.h"

namespace kthena::async {
namespace detail {

/// A task without a value answers this in a tuple.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
struct Slot {
  std::optional<ValueOf<T>> value;
  std::exception_ptr exception;

  ValueOf<T> take() {
    if (exception) {
      std::rethrow_exception(exception);
    }
    return *std::move(value);
  }
};

template <class T>
Task<void> fill(Task<T> task, Slot<T>& slot) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await task;
      slot.value.emplace();
    } else {
      slot.value.emplace(co_await task);
    }
  } catch (...) {
    slot.exception = std::current_exception();
  }
}

template <class T>
Task<void> race(Task<T> task, Slot<T>& slot, std::size_t index, std::optional<std::size_t>& winner,
                TaskScope& scope) {
  co_await fill(std::move(task), slot);
  if (!winner) {
    winner = index;
    scope.cancel();
  }
}

}  // namespace detail

/// Runs all tasks at the same time and waits for all, whatever they answer. A cancellation reaches
/// each. In place of void stands std::monostate. If tasks throw, so does this, after all have
/// ended.
template <class... Ts>
Task<std::tuple<detail::ValueOf<Ts>...>> when_all(Task<Ts>... tasks) {
  PromiseBase& self = co_await this_task();
  std::tuple<detail::Slot<Ts>...> slots;
  TaskScope scope(self.context->loop(), self.context);
  std::apply([&](auto&... slot) { (scope.spawn(detail::fill(std::move(tasks), slot)), ...); },
             slots);
  co_await scope.join();
  co_return std::apply(
      [](auto&... slot) { return std::tuple<detail::ValueOf<Ts>...>(slot.take()...); }, slots);
}

/// The same for a number known only at run time; answers are in the order of the tasks. Not for
/// void.
template <class T>
Task<std::vector<T>> when_all(std::vector<Task<T>> tasks) {
  PromiseBase& self = co_await this_task();
  std::vector<detail::Slot<T>> slots(tasks.size());
  TaskScope scope(self.context->loop(), self.context);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    scope.spawn(detail::fill(std::move(tasks[i]), slots[i]));
  }
  co_await scope.join();
  std::vector<T> values;
  values.reserve(slots.size());
  for (auto& slot : slots) {
    values.push_back(slot.take());
  }
  co_return values;
}

/// Which task was first, and its answer.
template <class T>
struct First {
  std::size_t index;
  T value;
};

/// Runs all tasks, cancels the others when the first one is done, and waits until they have ended.
/// At least one task.
template <class T>
Task<First<T>> when_any(std::vector<Task<T>> tasks) {
  PromiseBase& self = co_await this_task();
  CHECK(!tasks.empty());
  std::vector<detail::Slot<T>> slots(tasks.size());
  std::optional<std::size_t> winner;
  TaskScope scope(self.context->loop(), self.context);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    scope.spawn(detail::race(std::move(tasks[i]), slots[i], i, winner, scope));
  }
  co_await scope.join();
  co_return First<T>{*winner, slots[*winner].take()};
}

template <class T, class... Rest>
  requires(std::is_same_v<Task<T>, Rest> && ...)
Task<First<T>> when_any(Task<T> first, Rest... rest) {
  std::vector<Task<T>> tasks;
  tasks.reserve(1 + sizeof...(rest));
  tasks.push_back(std::move(first));
  (tasks.push_back(std::move(rest)), ...);
  co_return co_await when_any(std::move(tasks));
}

}  // namespace kthena::async
