// The provider of kind `local`: the embedding model in process, spoken to as to OpenAI's API.
//
// It takes the bytes that a real provider would get and gives back those that one would send. Room: upstream,
// private.
#pragma once

#include "gatehouse/net/http_client.hpp"
#include "gatehouse/upstream/local_model.hpp"

#include <memory>

namespace gatehouse::upstream {

/// Speaks POST /embeddings; other paths answer 404 in OpenAI's error form.
class LocalProvider : public net::HttpCaller {
public:
    /// Null: there is no model.
    explicit LocalProvider(std::shared_ptr<const LocalModel> model) : model_(std::move(model)) {}
    Task<Result<std::unique_ptr<net::HttpReply>>> send(const net::Origin& origin,
                                                       net::HttpCall& call) override;

private:
    Task<Result<std::string>> answer(net::HttpCall& call) const;

    std::shared_ptr<const LocalModel> model_;
};

}  // namespace gatehouse::upstream
