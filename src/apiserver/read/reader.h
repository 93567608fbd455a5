// get, list and watch.
#pragma once

#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/request/negotiation.h"
#include "apiserver/request/options.h"
#include "apiserver/storage/object_store.h"
#include "async/loop.h"
#include "http/message.h"

namespace kthena::apiserver {

/// Answers reads from the store. One loop; the store outlives it and its answers.
class Reader {
 public:
  Reader(async::Loop& loop, ObjectStore& store) : loop_(loop), store_(store) {}

  /// Errors: 404; 410 and 504 for versions that cannot be told.
  Answer<http::Response> get(const Kind& kind, const std::string& namespace_name,
                             const std::string& name, const ReadOptions& options, Form form) const;

  /// @param namespace_name  empty: all
  /// Errors: 400 for selectors and tokens, 410, 504.
  Answer<http::Response> list(const KindPtr& kind, const std::string& namespace_name,
                              const ReadOptions& options, Form form) const;

  /// Errors: 400, 410.
  Answer<http::Response> watch(const KindPtr& kind, const std::string& namespace_name,
                               const ReadOptions& options, Form form) const;

  /// The objects that a list would show.
  struct Page {
    std::vector<ObjectPtr> objects;
    Version version = 0;
    std::string continue_token;   ///< empty: that was all
    std::uint64_t remaining = 0;  ///< 0: none, or not known
  };
  Answer<Page> select(const Kind& kind, const std::string& namespace_name,
                      const ReadOptions& options) const;
  /// A list of them.
  Answer<http::Response> list_of(const KindPtr& kind, Page page, const ReadOptions& options,
                                 Form form) const;

 private:
  async::Loop& loop_;
  ObjectStore& store_;
};

/// An answer with a text, in the syntax that the client wants.
http::Response text_answer(int status, std::string json, Form form);
/// A refusal as an answer.
http::Response status_answer(const kube::Status& status, Form form = {});

}  // namespace kthena::apiserver
