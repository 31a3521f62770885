//! Mismatched requests of the shipped lesson against the closed form.
//!
//! A request arrives at t, and its target turns new when its front-end has learnt of the stage that its draw falls
//! into. Let stage k raise the new version's weight by w_k and reach a front-end at F_k, and let the gateway's node
//! turn to the new contract at G. Node and front-end are independent, so over t
//!     ahead = rate x sum of w_k E(F_k - G)+,  behind = rate x sum of w_k E(G - F_k)+.

use super::{Case, Comparison, Size, against, load, project, replicate, values};
use cutover::dist::Law;
use cutover::source::Arrivals;
use cutover::strategy::{GatewayMove, Order, Rollout};

/// When a change reaches an observer: uniform between two instants, in seconds.
#[derive(Clone, Copy)]
struct Reach(f64, f64);

fn reach(at: f64, lag: Law) -> Reach {
    match lag {
        Law::Uniform { low, high } => Reach(at + low.seconds(), at + high.seconds()),
        other => panic!("the closed form is for uniform lags, not for {other}"),
    }
}

/// E(F - G)+ for two independent uniform instants: the function (x+)^3 / 6 of f - g has the mixed derivative -(f - g)+.
fn excess(f: Reach, g: Reach) -> f64 {
    let cube = |x: f64| if x > 0.0 { x * x * x / 6.0 } else { 0.0 };
    let corners = cube(f.0 - g.1) - cube(f.1 - g.1) + cube(f.1 - g.0) - cube(f.0 - g.0);
    corners / (f.1 - f.0) / (g.1 - g.0)
}

pub fn lesson(size: Size) -> Comparison {
    // The longest rollout, `linear`, has ended after 555 s. The warm-up changes no mismatch.
    let window = r#"window={ warm_up = "0s", after = "600s" }"#;
    let rate = size.pick(r#"source.web.arrivals.poisson="200/s""#, r#"source.web.arrivals.poisson="10/s""#);
    let scenario = load(&project("scenarios/lesson.toml"), &[window, rate]);
    let service = &scenario.service;
    let Arrivals::Poisson(arrivals) = &service.sources[0].arrivals else { panic!("the lesson's traffic is Poisson") };
    let hz = arrivals.rate.hz();
    let cases = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let Law::Constant(step) = strategy.deployment.step else { panic!("the closed form is for a constant step") };
        let step = step.seconds();
        let (gateway, stages) = match &strategy.rollout {
            Rollout::Latest(latest) => {
                let (code, gateway) = match latest.order {
                    Order::FunctionFirst => (0.0, step),
                    Order::GatewayFirst => (step, 0.0),
                    Order::FunctionAlone => panic!("the lesson has a gateway"),
                };
                (gateway, vec![(1.0, reach(code, service.function.latest_lag))])
            }
            Rollout::Alias(alias) => {
                assert_eq!(alias.gateway, GatewayMove::After);
                let mut weight_before = 0.0;
                let mut last = 0.0;
                let stage = |(at, weight): (cutover::time::Span, cutover::units::Share)| {
                    let increment = weight.as_f64() - weight_before;
                    (weight_before, last) = (weight.as_f64(), at.seconds());
                    (increment, reach(last, service.function.alias_lag))
                };
                let stages: Vec<_> = alias.shift.stages().map(stage).collect();
                (last + step, stages)
            }
            // A node moves its contract and its target together, and no route is forgotten.
            Rollout::Pinned(_) => (0.0, Vec::new()),
            _ => panic!("the lesson deploys one version, of a function"),
        };
        let gateway = reach(gateway, service.gateway.lag);
        let sum = |excess: &dyn Fn(Reach) -> f64| {
            hz * stages.iter().map(|&(weight, stage)| weight * excess(stage)).sum::<f64>()
        };
        let (ahead, behind) = (sum(&|stage| excess(stage, gateway)), sum(&|stage| excess(gateway, stage)));
        let figures = replicate(&scenario, place, 1, size.pick(100, 200));
        Case {
            labels: vec![strategy.name.clone()],
            figures: vec![
                against(&values(&figures, "mismatched_ahead"), ahead),
                against(&values(&figures, "mismatched_behind"), behind),
            ],
        }
    });
    Comparison { labels: &["strategy"], reference: "theory", figures: &["ahead", "behind"], cases: cases.collect() }
}
