// An intrusive doubly linked list: linking and unlinking cost a few stores and never allocate.
#pragma once

#include <cstddef>

#include "base/check.h"

namespace kthena {

/// Base (or member) of what is linked. Unlinks itself when destroyed, so a list never points to the
/// dead.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (next_ != nullptr) {
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = nullptr;
    }
  }

 private:
  template <class T>
  friend class List;
  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

/// A list of T, which derives from ListNode. Does not own. One thread.
template <class T>
class List {
 public:
  List() noexcept { head_.next_ = head_.previous_ = &head_; }
  ~List() {
    while (!empty()) {
      head_.next_->unlink();
    }
    head_.next_ = nullptr;
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const noexcept { return head_.next_ == &head_; }
  T& front() noexcept { return static_cast<T&>(*head_.next_); }

  void push_back(T& item) noexcept { insert_before(head_, item); }
  void push_front(T& item) noexcept { insert_before(*head_.next_, item); }

  T& pop_front() noexcept {
    T& item = front();
    static_cast<ListNode&>(item).unlink();
    return item;
  }

  /// The entry `steps` after the front; stops at the last one.
  T& nth(std::size_t steps) noexcept {
    ListNode* node = head_.next_;
    while (steps-- > 0 && node->next_ != &head_) {
      node = node->next_;
    }
    return static_cast<T&>(*node);
  }

  /// Calls `visit(T&)` for each entry; the entry visited may unlink itself.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (ListNode* node = head_.next_; node != &head_;) {
      ListNode* next = node->next_;
      visit(static_cast<T&>(*node));
      node = next;
    }
  }

 private:
  static void insert_before(ListNode& place, ListNode& item) noexcept {
    item.unlink();
    item.previous_ = place.previous_;
    item.next_ = &place;
    place.previous_->next_ = &item;
    place.previous_ = &item;
  }
  ListNode head_;
};

}  // namespace kthena
