package dev.maestro.langchain4j;

import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.Prices;
import dev.maestro.testing.AgentProviderContract;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTrouble;
import dev.maestro.testing.ModelTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** What every provider does, done by chat agents whose model is one of LangChain4j's. */
abstract class ChatAgentContract extends AgentProviderContract {

  private static final String WORD = "swordfish";

  // a client that made threads as it needs them would look as if the agent left them
  private final ThreadPoolExecutor http =
      new ThreadPoolExecutor(4, 4, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
  private final List<ModelServer> servers = new ArrayList<>();

  ChatAgentContract() {
    http.prestartAllCoreThreads();
  }

  abstract Vendor vendor();

  @AfterEach
  void closeServer() throws InterruptedException {
    servers.forEach(ModelServer::close);
    http.shutdownNow();
    if (!http.awaitTermination(120, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the client's threads do not end");
    }
  }

  @Override
  protected Optional<AgentProvider> provider(Errand errand) {
    return script(errand).map(script -> agent(script, errand));
  }

  private AgentProvider agent(ModelServer.Builder script, Errand errand) {
    ModelServer server = script.start();
    servers.add(server);
    ChatAgent.Builder agent = vendor().agent(server, http);
    return errand == Errand.OVERSPEND
        ? agent.prices(Prices.none().with(Vendor.MODEL, "1000", "1000", "1000")).build()
        : agent.build();
  }

  private static Optional<ModelServer.Builder> script(Errand errand) {
    ModelTurn writes = ModelTurn.calls(ModelCall.writes(WRITTEN, "x")).saying("I write the file.");
    ModelTurn done = ModelTurn.says("done");
    return switch (errand) {
      case REPEAT, METER -> on(ModelTurn.says("the word is swordfish"));
      case WRITE, ASK -> on(writes, done);
      case FAIL -> on(ModelTurn.fails(ModelTrouble.SERVER_ERROR));
      case HANG -> on(looks(), done.hangs());
      // the words of the first prompt are there only if the conversation is
      case REMEMBER -> on(done, ModelTurn.says("it was " + WORD));
      case OVERSPEND -> on(looks().uses(100_000, 0, 900_000), done);
      // its launch is no process; what it runs is tried in CommandToolTest
      case LEAVE_CHILD, STAY -> Optional.empty();
    };
  }

  private static ModelTurn looks() {
    return ModelTurn.calls(ModelCall.of("list_files", Map.of())).saying("Let me look.");
  }

  private static Optional<ModelServer.Builder> on(ModelTurn first, ModelTurn... then) {
    return Optional.of(ModelServer.builder().on(WORD, first, then));
  }
}
