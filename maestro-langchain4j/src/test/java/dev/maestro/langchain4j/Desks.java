package dev.maestro.langchain4j;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.agent.AgentRequest;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.process.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Uses tools as a launch does, without a model. */
final class Desks implements AutoCloseable {

  private final Time time = Time.system();
  private final Mailbox mailbox = new Mailbox();
  final CancellationSource cancellation = new CancellationSource();
  private final Watch watch;
  private final Desk desk;

  Desks(Path directory, int outputLimit) throws IOException {
    AgentRequest request = Requests.in(directory).prompt("Do it");
    watch = new Watch(time, request.limits(), cancellation, mailbox);
    desk =
        new Desk(
            new Workplace(directory), request, time, cancellation, watch, mailbox, outputLimit);
  }

  Tool.Outcome use(Tool tool, Map<String, ?> input) throws IOException, InterruptedException {
    try {
      return tool.use(new Arguments(new ObjectMapper().valueToTree(input)), desk);
    } catch (ToolFailure e) {
      return Tool.Outcome.failed(e.why());
    }
  }

  void cancel() {
    cancellation.cancel(Cancellation.Mode.GRACEFUL);
  }

  @Override
  public void close() {
    watch.close();
    time.close();
  }
}
