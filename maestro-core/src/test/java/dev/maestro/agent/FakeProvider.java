package dev.maestro.agent;

import dev.maestro.process.Cancellation;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider that is asked about, and never does anything. */
class FakeProvider implements AgentProvider {

  private final ProviderId id;
  private final List<Model> models;
  private final Capabilities capabilities;
  final AtomicInteger detections = new AtomicInteger();

  private FakeProvider(String id, List<Model> models, Capabilities capabilities) {
    this.id = ProviderId.of(id);
    this.models = models;
    this.capabilities = capabilities;
  }

  static FakeProvider called(String id) {
    return new FakeProvider(id, List.of(), Capabilities.of());
  }

  FakeProvider offering(String... ids) {
    return new FakeProvider(
        id.value(),
        List.of(ids).stream().map(each -> new Model(each, each)).toList(),
        capabilities);
  }

  FakeProvider able(Capability... abilities) {
    return new FakeProvider(id.value(), models, Capabilities.of(abilities));
  }

  @Override
  public ProviderId id() {
    return id;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public Installation detect() {
    return Installation.present(Integer.toString(detections.incrementAndGet()));
  }

  @Override
  public List<Model> models() {
    return models;
  }

  /** One that chooses its model by itself. */
  static FakeProvider choosing(String id) {
    return new FakeProvider(id, List.of(), Capabilities.of()) {
      @Override
      public boolean takes(String model) {
        return false;
      }
    };
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation) {
    return AgentReply.completed("", Usage.NONE);
  }

  /** What a service file names: it has a constructor without arguments. */
  public static class Discovered extends FakeProvider {

    public Discovered() {
      super("discovered", List.of(), Capabilities.of());
    }
  }

  /** A second one that claims the same id. */
  public static final class Rival extends FakeProvider {

    public Rival() {
      super("discovered", List.of(), Capabilities.of());
    }
  }

  /** One that is not installed. */
  public static final class Absent extends FakeProvider {

    public Absent() {
      super("claude", List.of(), Capabilities.of());
    }

    @Override
    public boolean isAtHand() {
      return false;
    }
  }

  /** One that cannot be made. */
  public static final class Broken extends FakeProvider {

    public Broken() {
      super("broken", List.of(), Capabilities.of());
      throw new IllegalStateException("no licence");
    }
  }
}
