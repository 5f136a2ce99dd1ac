package dev.maestro.langchain4j;

import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.maestro.agent.ProviderId;
import dev.maestro.testing.ModelServer;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** LangChain4j's own models, over real HTTP, which reach a model server instead of the vendor. */
enum Vendor {
  OPENAI {
    @Override
    ChatAgent.Builder agent(ModelServer server, @Nullable Executor executor) {
      return ChatAgent.builder(
          ID,
          OpenAiChatModel.builder()
              .httpClientBuilder(http(executor))
              .baseUrl(server.baseUrl())
              .apiKey(KEY)
              .modelName(MODEL)
              .maxRetries(0)
              .timeout(PATIENCE)
              .build());
    }
  },
  OPENAI_STREAMING {
    @Override
    ChatAgent.Builder agent(ModelServer server, @Nullable Executor executor) {
      return ChatAgent.builder(
          ID,
          OpenAiStreamingChatModel.builder()
              .httpClientBuilder(http(executor))
              .baseUrl(server.baseUrl())
              .apiKey(KEY)
              .modelName(MODEL)
              .timeout(PATIENCE)
              .build());
    }
  },
  ANTHROPIC {
    @Override
    ChatAgent.Builder agent(ModelServer server, @Nullable Executor executor) {
      return ChatAgent.builder(
          ID,
          AnthropicChatModel.builder()
              .httpClientBuilder(http(executor))
              .baseUrl(server.baseUrl())
              .apiKey(KEY)
              .modelName(MODEL)
              .maxRetries(0)
              .timeout(PATIENCE)
              .build());
    }
  },
  ANTHROPIC_STREAMING {
    @Override
    ChatAgent.Builder agent(ModelServer server, @Nullable Executor executor) {
      return ChatAgent.builder(
          ID,
          AnthropicStreamingChatModel.builder()
              .httpClientBuilder(http(executor))
              .baseUrl(server.baseUrl())
              .apiKey(KEY)
              .modelName(MODEL)
              .timeout(PATIENCE)
              .build());
    }
  };

  static final ProviderId ID = ProviderId.of("chat");
  static final String MODEL = "scripted-model";

  private static final String KEY = "no-key";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** {@return an agent whose model is this vendor's and reaches the server} */
  abstract ChatAgent.Builder agent(ModelServer server, @Nullable Executor executor);

  ChatAgent.Builder agent(ModelServer server) {
    return agent(server, null);
  }

  boolean streams() {
    return this == OPENAI_STREAMING || this == ANTHROPIC_STREAMING;
  }

  String path() {
    return name().startsWith("OPENAI") ? "/chat/completions" : "/messages";
  }

  /** {@return what stands in an answer where it says why it ends; before that it is cut short} */
  String saysThatItEnds() {
    return switch (this) {
      case OPENAI, OPENAI_STREAMING -> "\"stop\"";
      case ANTHROPIC, ANTHROPIC_STREAMING -> "\"end_turn\"";
    };
  }

  private static JdkHttpClientBuilder http(@Nullable Executor executor) {
    HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    if (executor != null) {
      client.executor(executor);
    }
    return JdkHttpClient.builder().httpClientBuilder(client);
  }
}
