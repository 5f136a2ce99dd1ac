package dev.maestro;

import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.SessionId;
import dev.maestro.process.Cancellation;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent that says that it is done, and what that has cost. */
class Paid implements AgentProvider {

  static final Usage USED = Usage.of(100, 20, Money.usd("0.25"));

  final AtomicInteger launches = new AtomicInteger();

  @Override
  public ProviderId id() {
    return ProviderId.of("paid");
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.of(Capability.SESSIONS);
  }

  @Override
  public Installation detect() {
    return Installation.present("1");
  }

  @Override
  public List<Model> models() {
    return List.of();
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancel)
      throws InterruptedException {
    launches.incrementAndGet();
    return AgentReply.completed("done", USED).inSession(SessionId.of("s"));
  }
}
