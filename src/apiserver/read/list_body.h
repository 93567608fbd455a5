// The body of a list: put together while it is sent, from the texts that the store has anyway.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/storage/object.h"
#include "http/body.h"

namespace kthena::apiserver {

/// Adds one object to what is sent.
using AppendObject = std::move_only_function<void(std::string& out, const StoredObject& object)>;

class ListBody final : public http::BodySource {
 public:
  /// @param head  up to and with the bracket that opens the items
  ListBody(std::string head, std::vector<ObjectPtr> objects, AppendObject append)
      : head_(std::move(head)), objects_(std::move(objects)), append_(std::move(append)) {}

  http::Pulled pull() override;
  void subscribe(async::Waiter&) override {}  // never blocks
  void unsubscribe(async::Waiter&) noexcept override {}

 private:
  std::string head_;
  std::vector<ObjectPtr> objects_;
  AppendObject append_;
  std::size_t next_ = 0;
  bool done_ = false;
  std::string chunk_;
};

}  // namespace kthena::apiserver
