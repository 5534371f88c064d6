/**
 * Service names that Wireshark prints in place of TCP and UDP port numbers, from the IANA "Service Name and Transport Protocol
 * Port Number Registry" and a few older spellings. Ports 1025 to 5000 are complete: before Windows Vista clients took
 * their own ports from there, so that a text export calls them by whatever service is registered.
 * A number sets the port of the next word; each word after it is one port higher; `|` separates names of the same port.
 */
const REGISTERED = `
1 tcpmux compressnet compressnet 5 rje 7 echo 9 discard 11 systat 13 daytime 17 qotd msp chargen ftp-data ftp ssh telnet 25 smtp
27 nsw-fe 29 msg-icp 31 msg-auth 33 dsp 37 time rap rlp 41 graphics name|nameserver nicname mpm-flags mpm mpm-snd 48 auditd tacacs
re-mail-ck 52 xns-time domain xns-ch isi-gl xns-auth 58 xns-mail 62 acas whoispp covia tacacs-ds sql-net bootps bootpc tftp gopher
netrjs-1 netrjs-2 netrjs-3 netrjs-4 76 deos 78 vettcp finger http 82 xfer mit-ml-dev ctf mit-ml-dev mfcobol 88 kerberos su-mit-tg
dnsix mit-dov npp dcp objcall supdup dixie swift-rvf tacnews metagram 101 hostname iso-tsap gppitnp acr-nema cso 3com-tsmux
rtelnet snagas pop2 pop3 sunrpc mcidas ident|auth 115 sftp ansanotify uucp-path sqlserv nntp cfdptkt erpc smakynet ntp ansatrader
locus-map nxedit locus-con gss-xlicen pwdgen cisco-fna cisco-tna cisco-sys statsrv ingres-net epmap|loc-srv profile netbios-ns
netbios-dgm netbios-ssn emfis-data emfis-cntl bl-idm imap uma uaac iso-tp0 iso-ip jargon aed-512 sql-net hems bftp sgmp netsc-prod
netsc-dev sqlsrv knet-cmp pcmail-srv nss-routing sgmp-traps snmp snmptrap cmip-man cmip-agent xns-courier s-net namp rsvd send
print-srv multiplex cl-1 xyplex-mux mailq vmnet genrad-mux xdmcp nextstep bgp ris unify audit ocbinder ocserver remote-kis kis aci
mumps qft gacp prospero osu-nms srmp irc dn6-nlm-aud dn6-smm-red dls dls-mon smux src at-rtmp at-nbp at-3 at-echo at-5 at-zis at-7
at-8 qmtp z39-50 914c-g anet ipx vmpwscs softpc CAIlic dbase mpp uarps imap3 fln-spx rsh-spx cdc masqdialer 242 direct sur-meas
inbusiness link dsp3270 subntbcst-tftp bhfhs 256 rap set 259 esro-gen openport nsiiops arcisdms hdap bgmp x-bone-ctl sst
td-service td-replica manet gist pt-tls 280 http-mgmt personal-link cableport-ax rescap corerjd 286 fxp k-block 308 novastorbakcup
entrusttime bhmds asip-webadmin vslmp magenta-logic opalis-robot dpsi decauth zannet pkix-timestamp ptp-event ptp-general pip
rtsps rpki-rtr rpki-rtr-tls 333 texar 344 pdap pawserv zserv fatserv csi-sgwp mftp matip-type-a matip-type-b dtag-ste-sb ndsauth
bh611 datex-asn cloanto-net-1 bhevent shrinkwrap 360 scoi2odialog semantix srssend rsvp-tunnel aurora-cmgr dtk odmr mortgageware
qbikgdp rpc2portmap codaauth2 clearcase ulistproc legent-1 legent-2 hassle nip tnETOS dsETOS is99c is99s hp-collector
hp-managed-node hp-alarm-mgr arns ibm-app asa aurp unidata-ldm ldap uis synotics-relay synotics-broker meta5 embl-ndt netcp
netware-ip mptn kryptolan iso-tsap-c2 osb-sd ups genie decap nced ncld imsp timbuktu prm-sm prm-nm decladebug rmt synoptics-trap
smsp infoseek bnet silverplatter onmux hyper-g ariel1 smpte ariel2 ariel3 opc-job-start opc-job-track icad-el smartsdp svrloc
ocs-cmu ocs-amu utmpsd utmpcd iasd nnsp mobileip-agent mobilip-mn dna-cml comscm dsfgw dasp sgcp decvms-sysmgt cvc-hostd https
snpp microsoft-ds ddm-rdb ddm-dfm ddm-ssl as-servermap tserver sfs-smp-net sfs-config creativeserver contentserver creativepartnr
macon-tcp|macon-udp scohelp appleqtc ampr-rcmd skronk datasurfsrv datasurfsrvsec alpes kpasswd urd|igmpv3lite digital-vrc
mylex-mapd photuris rcp scx-proxy mondex ljk-login hybrid-pop tn-tl-w1|tn-tl-w2 tcpnethaspsrv tn-tl-fd1 ss7ns spsc iafserver
iafdbase ph bgs-nsi ulpnet integra-sme powerburst avian saft gss-http nest-protocol micom-pfs go-login ticf-1 ticf-2 pov-ray
intecourier pim-rp-disc retrospect siam iso-ill isakmp stmf mbap intrinsa citadel mailbox-lm ohimsrv crs xvttp snare fcp passgo
exec|comsat login|who shell|syslog printer videotex talk ntalk utime efs|router ripng ulp ibm-db2 ncp timed tempo stx custix
irc-serv courier conference netnews netwall windream iiop opalis-rdv nmsp gdomap apertus-ldp uucp uucp-rlogin commerce klogin
kshell appleqtcsrvr dhcpv6-client dhcpv6-server afpovertcp idfp new-rwho cybercash devshr-nts pirp rtsp dsf remotefs
openvms-sysipc sdnskmp teedtap rmonitor monitor chshell nntps 9pfs whoami streettalk banyan-rpc ms-shuttle ms-rome meter meter
sonar banyan-vip ftp-agent vemmi ipcd vnas ipdd decbsrv sntp-heartbeat bdp scc-security philips-vc keyserver 586 password-chg
submission cal eyelink tns-cml http-alt eudora-set http-rpc-epmap tpip cab-protocol smsd ptcnameservice sco-websrvrmg3 acp
ipcserver syslog-conn xmlrpc-beep idxp tunnel soap-beep urm nqs sift-uft npmp-trap npmp-local npmp-gui hmmp-ind hmmp-op sshell
sco-inetmgr sco-sysmgr sco-dtmgr dei-icda compaq-evm sco-websrvrmgr escp-ip collaborator oob-ws-http|asf-rmcp cryptoadmin dec-dlm
asia passgo-tivoli qmqp 3com-amp3 rda ipp bmpp servstat ginad rlzdbase ldaps lanserver mcns-sec msdp entrust-sps repcmd esro-emsdp
sanity dwr pssc ldp dhcp-failover rrp cadview-3d obex ieee-mms hello-port repscmd aodv tinc spmp rmc tenfold 660 mac-srvr-admin
hap pftp purenoise oob-ws-https|asf-secure-rmcp sun-dr mdqs disclose mecomm meregister vacdsm-sws vacdsm-app vpps-qua cimplex acap
dctp vpps-via vpp ggf-ncp mrm entrust-aaas entrust-aams xfr corba-iiop corba-iiop-ssl mdc-portmapper hcp-wismar asipregistry
realm-rusd nmap vatp msexch-routing hyperwave-isp connendp ha-cluster ieee-mms-ssl rushd uuidgen olsr accessnetwork epp lmp
iris-beep 704 elcsd agentx silc borland-dsj 709 entrust-kmsh entrust-ash cisco-tdp tbrpf iris-xpc iris-xpcs iris-lwz pana 729
netviewdm1 netviewdm2 netviewdm3 741 netgw netrcs 744 flexlm 747 fujitsu-dev ris-cm kerberos-adm rfile|loadav pump qrh rrh tell
758 nlogin con ns rxe quotad cycleserv omserv webster 767 phonebook 769 vid cadlock rtip cycleserv2 submit|notify
rpasswd|acmaint-dbd entomb|acmaint-transd wpages multiling-http 780 wpgs 800 mdbs-daemon device mbap-s 810 fcp-udp 828 itm-mcell-s
pkix-3-ca-ra netconf-ssh netconf-beep netconfsoaphttp netconfsoapbeep 847 dhcp-failover2 gdoi 853 domain-s dlep 860 iscsi
owamp-control|owamp-test twamp-control|twamp-test 873 rsync 886 iclcnet-locate iclcnet-svinfo accessbuilder 900 omginitialrefs
smpnameres ideafarm-door ideafarm-panic 910 kink xact-backup apex-mesh apex-edge rift-lies rift-ties 953 rndc 989 ftps-data ftps
nas telnets imaps 995 pop3s vsinet maitrd busboy|puparp garcon|applix cadlock2 webpush 1010 surf 1021 exp1 exp2 1025 blackjack cap
1029 solid-mux iad1 iad2 iad3 netinfo-local activesync mxxrlogin nsstp ams mtqp sbl netarx danf-ak2 afrog boinc-client dcutility
fpitp wfremotertm neod1 neod2 td-postman cma optima-vnet ddt remote-as brvread ansyslmd vfo startron nim nimreg polestar kiosk
veracity kyoceranetdev jstel syscomlan fpo-fns instl-boots instl-bootc cognex-insight gmrupdateserv bsquare-voip cardax
bridgecontrol warmspotMgmt rdrmshc dab-sti-c imgames avocent-proxy asprovatalk socks pvuniwien amt-esd-prot ansoft-lm-1
ansoft-lm-2 webobjects cplscrambler-lg cplscrambler-in cplscrambler-al ff-annunc ff-fms ff-sm obrpd proofd rootd nicelink
cnrprotocol sunclustermgr rmiactivation rmiregistry mctp pt2-discover adobeserver-1 adobeserver-2 xrl ftranhc isoipsigport-1
isoipsigport-2 ratio-adp 1110 webadmstart lmsocialserver icp ltp-deepspace mini-sql ardus-trns ardus-cntl ardus-mtrns sacred
bnetgame bnetfile rmpp availant-mgr murray hpvmmcontrol hpvmmagent hpvmmdata kwdb-commn saphostctrl saphostctrls casp caspssl
kvm-via-ip dfn aplx omnivision hhb-gateway trim encrypted-admin evm autonoc mxomss edtools imyx fuscript x9-icue audit-transfer
capioverlan elfiq-repl bvtsonar blaze unizensus winpoplanmess c1222-acse resacommunity nfa iascontrol-oms iascontrol dbcontrol-oms
oracle-oms olsv health-polling health-trap sddp qsm-proxy qsm-gui qsm-remote cisco-ipsla vchat tripwire atc-lm atc-appserver dnap
d-cinema-rrp fnet-remote-ui dossier indigo-server dkmessenger sgi-storman b2n mc-client 3comnetman accelenet llsurfup-http
llsurfup-https catchpole mysql-cluster alias hp-webadmin unet commlinx-avl gpfs caids-sensor fiveacross openvpn rsf-1 netmagic
carrius-rshell cajo-discovery dmidi scol nucleus-sand caiccipc ssslic-mgr ssslog-mgr accord-mgc anthony-data metasage seagull-ais
ipcd3 eoss groove-dpp lupa mpc-lifenet kazaa scanstat-1 etebac5 hpss-ndapi aeroflight-ads aeroflight-ret qt-serveradmin
sweetware-apps nerv tgp vpnz slinkysearch stgxfws dns2go florence zented periscope menandmice-lpm first-defense univ-appserver
search-agent mosaicsyssvc1 bvcontrol tsdos390 hacl-qs nmsd instantia nessus nmasoverip serialgateway isbconference1 isbconference2
payrouter visionpyramid hermes mesavistaco swldy-sias servergraph bspne-pcc q55-pcc de-noc de-cache-query de-server shockwave2
opennl opennl-voice ibm-ssd mpshrsv qnts-orb dka prat dssiapi dellpwrappks epc propel-msgsys watilapp opsmgr excw cspmlockmgr
emc-gateway t1distproc ivcollector 1277 miva-mqs dellwebadmin-1 dellwebadmin-2 pictrography healthd emperion productinfo iee-qfx
neoiface netuitive routematch navbuddy jwalkserver winjaserver seagulllms dsdn pkt-krb-ipsec cmmdriver ehtp dproxy sdproxy lpcp
hp-sci h323hostcallsc 1303 sftsrv boomerang pe-mike re-conn-proto pacmand odsi jtag-server husky rxmon sti-envision bmc-patroldb
pdps els exbit-escp vrts-ipcserver krb5gatekeeper amx-icsp amx-axbnet pip novation brcd delta-mcp dx-instrument wimsic ultrex
ewall netdb-export streetperfect intersan pcia-rxp-b passwrd-policy writesrv digital-notary ischat menandmice-dns wmc-log-svc
kjtsiteserver naap qubes esbroker re101 icap vpjp alta-ana-lm bbn-mmc bbn-mmx sbook editbench equationbuilder lotusnote relief
XSIP-network intuitive-edge cuillamartin pegboard connlcli ftsrv mimer linx timeflies ndm-requester ndm-server adapt-sna
netware-csp dcs screencast gv-us us-gv fc-cli fc-ser chromagrafx molly bytex ibm-pps cichlid elan dbreporter telesis-licman
apple-licman udt-os gwha os-licman atex-elmd checksum cadsi-lm objective-dbc iclpv-dm iclpv-sc iclpv-sas iclpv-pm iclpv-nls
iclpv-nlc iclpv-wsm dvl-activemail audio-activmail video-activmail cadkey-licman cadkey-tablet goldleaf-licman prm-sm-np prm-nm-np
igi-lm ibm-res netlabs-lm tibet-server sophia-lm here-lm hiq af innosys innosys-acl ibm-mqseries dbstar novell-lu6-2 timbuktu-srv1
timbuktu-srv2 timbuktu-srv3 timbuktu-srv4 gandalf-lm autodesk-lm essbase hybrid zion-lm sais mloadd informatik-lm nms tpdu rgtp
blueberry-lm ms-sql-s ms-sql-m ibm-cics saism tabula eicon-server eicon-x25 eicon-slp cadis-1 cadis-2 ies-lm marcam-lm proxima-lm
ora-lm apri-lm oc-lm peport dwf infoman gtegsc-lm genie-lm interhdl-elmd esl-lm dca valisys-lm nrcabq-lm proshare1 proshare2
ibm-wrless-lan world-lm nucleus msl-lmd pipes oceansoft-lm csdmbase csdm aal-lm uaiact csdmbase csdm openmath telefinder
taligent-lm clvm-cfg ms-sna-server ms-sna-base dberegister pacerforum airs miteksys-lm afs confluent lansource nms-topo-serv
localinfosrvr docstor dmdocbroker insitu-conf 1492 stone-design-1 netmap-lm ica cvc liberty-lm rfx-lm sybase-sqlany fhc vlsi-lm
saiscm shivadiscovery imtc-mcs evb-elm funkproxy utcd symplex diagmond robcad-lm mvx-lm 3l-l1 wins fujitsu-dtc fujitsu-dtcns
ifor-protocol vpad vpac vpvd vpvc atm-zip-office ncube-lm ricardo-lm cichild-lm ingreslock orasrv pdap-np tlisrv norp coauthor
rap-service rap-listen miroconnect virtual-places micromuse-lm ampr-info ampr-inter sdsc-lm 3ds-lm intellistor-lm rds rds2
gridgen-elmd simba-cs aspeclmd vistium-share abbaccuray laplink axon-lm shivahose 3m-image-lm hecmtl-db pciarray sna-cs caci-lm
livelan veritas-pbx arbortext-lm xingmpeg web2host asci-val facilityview pconnectmgr cadabra-lm pay-per-view winddlb corelvideo
jlicelmd tsspmap ets orbixd rdb-dbs-disp chip-lm itscomm-ns mvel-lm oraclenames moldflow-lm hypercube-lm jacobus-lm ioc-sea-lm
tn-tl-r1 mil-2045-47001 msims simbaexpress tn-tl-fd2 intv ibm-abtact pra-elmd triquest-lm vqp gemini-lm ncpm-pm commonspace
mainsoft-lm sixtrak radio radio-sm orbplus-iiop picknfs simbaservices issd aas inspect picodbc icabrowser slp slm-api stt smart-lm
isysg-lm taurus-wh ill netbill-trans netbill-keyrep netbill-cred netbill-auth netbill-prod nimrod-agent skytelnet xs-openstorage
faxportwinport softdataphone ontime jaleosnd udp-sr-port svs-omagent shockwave t128-gateway lontalk-norm lontalk-urgnt
oraclenet8cman visitview pammratc pammrpc loaprobe edb-server1 isdc islc ismc cert-initiator cert-responder invision isis-am
isis-ambc saiseh sightline sa-msg-port rsap concurrent-lm kermit nkd shiva-confsrvr xnmp alphatech-lm stargatealerts dec-mbadmin
dec-mbadmin-h fujitsu-mmpdc sixnetudr sg-lm skip-mc-gikreq netview-aix-1 netview-aix-2 netview-aix-3 netview-aix-4 netview-aix-5
netview-aix-6 netview-aix-7 netview-aix-8 netview-aix-9 netview-aix-10 netview-aix-11 netview-aix-12 proshare-mc-1 proshare-mc-2
pdp netcomm1 groupwise prolink darcorp-lm microcom-sbp sd-elmd lanyon-lantern ncpm-hip snaresecure n2nremote cvmon nsjtp-ctrl
nsjtp-data firefox ng-umds empire-empuma sstsys-lm rrirtr rrimwm rrilwm rrifmm rrisat rsvp-encap-1 rsvp-encap-2 mps-raft l2f
deskshare hb-engine bcs-broker slingshot jetform vdmplay gat-lmd centra impera pptconference registrar conferencetalk sesi-lm
houdini-lm xmsg fj-hdnet h323gatedisc h323gatestat h323hostcall caicci hks-lm pptp csbphonemaster iden-ralp iberiagames winddx
telindus citynl roketz msiccp proxim siipat cambertx-lm privatechat street-stream ultimad gamegen1 webaccess encore cisco-net-mgmt
3Com-nsd cinegrfx-lm ncpm-ft remote-winsock ftrapid-1 ftrapid-2 oracle-em1 aspen-services sslp swiftnet lofr-lm predatar-comms
oracle-em2 ms-streaming capfast-lmd cnhrp tftp-mcast spss-lm www-ldap-gw cft-0 cft-1 cft-2 cft-3 cft-4 cft-5 cft-6 cft-7
bmc-net-adm bmc-net-svc vaultbase essweb-gw kmscontrol global-dtserv vdab femis powerguardian prodigy-intrnet pharmasoft dpkeyserv
answersoft-lm hp-hcip 1784 finle-lm windlm funk-logger funk-license psmond hello nmsp ea1 ibm-dt-2 rsc-robot cera-bcm dpi-proxy
vocaltec-admin uma etp netrisk ansys-lm msmq concomp1 hp-hcip-gwy enl enl-name musiconline fhsp oracle-vp2 oracle-vp1 jerand-lm
scientia-sdb radius radius-acct tdp-suite mmpft harp rkb-oscs etftp plato-lm mcagent donnyworld es-elmd unisys-lm metrics-pas
direcpc-video ardt asi itm-mcell-u optika-emedia net8-cman myrtle tht-treasure udpradio ardusuni ardusmul ste-smsc csoft1 talnet
netopia-vo1 netopia-vo2 netopia-vo3 netopia-vo4 netopia-vo5 direcpc-dll altalink tunstall-pnc slp-notify fjdocdist alpha-sms gsi
ctcd virtual-time vids-avtp buddy-draw fiorano-rtrsvc fiorano-msgsvc datacaptor privateark gammafetchsvr sunscalar-svc lecroy-vicp
mysql-cm-agent msnp paradym-31port entp swrmi udrive viziblebrowser transact sunscalar-dns canocentral0 canocentral1 fjmpjps
fjswapsnp westell-stats ewcappsrv hp-webqosdb drmsmc nettgain-nms vsat-control ibm-mqseries2 ecsqdmn mqtt idmaps vrtstrapserver
leoip filex-lport ncconfig unify-adapter wilkenlistener childkey-notif childkey-ctrl elad o2server-port 1896 b-novative-ls
metaagent cymtec-port mc2studios ssdp fjicl-tep-a fjicl-tep-b linkname fjicl-tep-c sugp tpmd intrastar dawn global-wlink ultrabac
mtp rhp-iibp armadp elm-momentum facelink persona noagent can-nds can-dch can-ferret noadmin tapestry spice xiip discovery-port
egs videte-cipc emsd-port bandwiz-system driveappserver amdsched ctt-broker xmapi xaapi macromedia-fcs jetcmeserver jwserver
jwclient jvserver jvclient dic-aida res beeyond-media close-combat dialogic-elmd tekpls sentinelsrm eye2eye ismaeasdaqlive
ismaeasdaqtest bcs-lmserver mpnjsc rapidbase abr-api abr-secure vrtl-vmf-ds unix-status dxadmind simp-all nasmanager bts-appserver
biap-mp webmachine solid-e-engine tivoli-npm slush sns-quote lipsinc lipsinc1 netop-rc netop-school intersys-cache dlsrap drp
tcoflashagent tcoregagent tcoaddressbook unisql unisql-java pearldoc-xact p2pq estamp lhtp bb hsrp licensedaemon tr-rsrb-p1
tr-rsrb-p2 tr-rsrb-p3 stun-p1 stun-p2 stun-p3 snmp-tcp-port stun-port perf-port tr-rsrb-port gdp-port x25-svc-port tcp-id-port
cisco-sccp dc globe brutus mailbox berknet invokator dectalk conf news search raid-cc ttyinfo raid-am troff cypress bootserver
cypress-stat terminaldb whosockami xinupageserver servexec down xinuexpansion3 xinuexpansion4 ellpack scrabble shadowserver
submitserver hsrpv6 device2 mobrien-chat blackboard glogger scoremgr imsldoc e-dpnet applus objectmanager prizma lam interbase
isis isis-bcast rimsl cdfunc sdfunc dls dls-monitor nfs av-emb-config epnsdp clearvisn lot105-ds-upd weblogin iop omnisky rich-cp
newwavesearch bmc-messaging teleniumdaemon netmount icg-swp icg-bridge icg-iprelay dlsrpn aura dlswpn avauthsrvprtcl event-port
ah-esp-encap acp-port msync gxs-data-port vrtl-vmf-sa newlixengine newlixconfig tsrmagt tpcsrvr idware-router autodesk-nlm
kme-trap-port infowave radsec sunclustergeo ada-cip gnunet eli ip-blf sep lrp prp descent3 nbx-cc nbx-au nbx-ser nbx-dir
jetformpreview dialog-port h2250-annex-g amiganetfs rtcm-sc104 zephyr-srv zephyr-clt zephyr-hm minipay mzap bintec-admin comcam
ergolight umsp dsatp idonix-metanet hsl-storm ariascribe kdm ccowcmr mentaclient mentaserver gsigatekeeper qencp scientia-ssdb
caupc-remote gtp-control elatelink lockstep pktcable-cops index-pc-wb net-steward cs-live xds avantageb2b solera-epmap zymed-zpp
avenue gris appworxsrv connect unbind-cluster ias-auth ias-reg ias-admind tdmoip lv-jc lv-ffx lv-pici lv-not lv-auth veritas-ucl
acptsys dynamic3d docent gtp-user ctlptc stdptc brdptc trp xnds touchnetplus gdbremote apc-2160 apc-2161 navisphere navisphere-sec
ddns-v3 x-bone-api iwserver raw-serial easy-soft-mux brain eyetv msfw-storage msfw-s-storage msfw-replica msfw-array airsync rapi
qwave bitspeer vmrdp mc-gt-srv eforward cgn-stat cgn-config nvd onbase-dds gtaua ssmc radware-rpm radware-rpm-s tivoconnect tvbus
asdis drwcs 2197 mnp-exchange onehome-remote onehome-help 2201 ats imtc-map b2-runtime b2-license jps hpocbus hpssd hpiod rimf-ps
noaaport emwin leecoposserver kali rpi ipcore vtu-comms gotodevice bounzza netiq-ncap netiq ethernet-ip-s EtherNet-IP-1
rockwell-csp2 efi-mg rcip-itu di-drm di-msg ehome-ms datalens queueadm wimaxasncp ivs-video infocrypt directplay sercomm-wlink
nani optech-port1-lm aviva-sna imagequery recipe ivsd foliocorp magicom nmsserver hao pc-mta-addrmap antidotemgrsvr ums rfmp
remote-collab dif-port njenet-ssl dtv-chan-req seispoc vrtp pcc-mfp simple-tx-rx rcts bid-serv apc-2260 comotionmaster
comotionback ecwcfg apx500api-1 apx500api-2 mfserver ontobroker amt mikey starschool mmcals mmcal mysql-im pcttunnell ibridge-data
ibridge-mgmt bluectrlproxy s3db xmquery lnvpoller lnvconsole lnvalarm lnvstatus lnvmaps lnvmailmon nas-metering dna netml
dict-lookup sonus-logging eapsp mib-streaming npdbgmngr konshus-lm advant-lm theta-lm d2k-datamover1 d2k-datamover2 pc-telecommute
cvmmon cpq-wbem binderysupport proxy-gateway attachmate-uts mt-scaleserver tappi-boxnet pehelp sdhelp sdserver sdclient
messageservice wanscaler iapp cr-websystems precise-sft sent-lm attachmate-g32 cadencecontrol infolibria siebel-ns rdlap ofsd
3d-nfsd cosmocall ansysli idcp xingcsm netrix-sftm nvd tscchat agentview rcc-host snapp ace-client ace-proxy appleugcontrol
ideesrv norton-lambert 3com-webview wrs-registry xiostatus manage-exec nati-logos fcmsys dbm redstorm-join redstorm-find
redstorm-info redstorm-diag psbserver psrserver pslserver pspserver psprserver psdbserver gxtelmd unihub-server futrix flukeserver
nexstorindltd tl1 digiman mediacntrlnfsd oi-2000 dbref qip-login service-ctrl opentable bif-p2p l3-hbmon rda lanmessenger
remographlm hydra docker docker-s swarm 2379 etcd-client etcd-server compaq-https ms-olap3 ms-olap4 sd-request sd-data virtualtape
vsamredirector mynahautostart ovsessionmgr rsmtp 3com-net-mgmt tacticalauth ms-olap1 ms-olap2 lan900-remote wusage ncl orbiter
fmpro-fdal opequus-server cvspserver taskmaster2000 taskmaster2000 iec-104 trc-netpoll jediserver orion railgun-webaccl
sns-protocol vrts-registry netwave-ap-mgmt cdn orion-rmi-reg beeyond codima-rtp rmtserver composit-server cas attachmate-s2s
dslremote-mgmt g-talk crmsbits rnrp kofax-svr fjitsuappmgr vcmp mgcp-gateway ott ft-role venus venus-se codasrv codasrv-se
pxc-epmap optilogic topx unicontrol msp sybasedbsynch spearway pvsw-inet netangel powerclientcsf btpp2sectrans dtn1 bues-service
ovwdb hpppssvr ratl netadmin netchat snifferclient madge-ltd indx-dds wago-io-system altav-remmgt rapido-ip griffin xrpl
ms-theater qadmifoper qadmifevent lsi-raid-mgmt direcpc-si lbm lbf high-criteria qip-msgd mti-tcs-comm taskman-port seaodbc c3
aker-cdp vitalanalysis ace-server ace-svr-prop ssm-cvs ssm-cssps ssm-els powerexchange giop giop-ssl ttc ttc-ssl netobjects1
netobjects2 pns moy-corp tsilb qip-qdhcp conclave-cpp groove talarian-mqs bmc-ar fast-rem-serv dirgis quaddb odn-castraq
unicontrol rtsserv rtsclient kentrox-prot nms-dpnss wlbs ppcontrol jbroker spock jdatastore fjmpss fjappmgrbulk metastorm
citrixima citrixadmin facsys-ntp facsys-router maincontrol call-sig-trans willy globmsgsvc pvsw adaptecmgr windb qke-llc-v3
optiwave-lm ms-v-worlds ema-sent-lm iqserver ncr-ccl utsftp vrcommerce ito-e-gui ovtopmd snifferserver combox-web-acc madcap
btpp2audctr1 upgrade vnwk-prapi vsiadmin lonworks lonworks2 udrawgraph reftek novell-zen sis-emt vytalvaultbrtp vytalvaultvsmp
vytalvaultpipe ipass ads isg-uda-server call-logging efidiningport vcnet-link-v10 compaq-wcp nicetec-nmsvc nicetec-mgmt
pclemultimedia lstp labrat mosaixcc delibo cti-redwood hp-3000-telnet coord-svr pcs-pcw clp spamtrap sonuscallsig hs-port cecsvc
ibp trustestablish blockade-bpsp hl7 tclprodebugger scipticslsrvr rvs-isdn-dcp mpfoncl tributary argis-te argis-ds mon cyaserv
netx-server netx-agent masc privilege quartus-tcl idotdist maytagshuffle netrek mns-mail dts worldfusion1 worldfusion2
homesteadglory citriximaclient snapd hpstgmgr discp-client discp-server servicemeter nsc-ccs nsc-posa netmon connection
wag-service system-monitor versa-tek lionhead qpasa-agent smntubootstrap neveroffline firepower appswitch-emp cmadmin
priority-e-com bruce lpsrecommender miles-apart metricadbc lmdp aria blwnkl-port gbjd816 moshebeeri dict sitaraserver sitaramgmt
sitaradir irdg-post interintelli pk-electronics backburner solve imdocsvc sybaseanywhere aminet ami-control hdl-srv tragic
gte-samp travsoft-ipx-t novell-ipx-cmd and-lm syncserver upsnotifyprot vpsipport eristwoguns ebinsite interpathpanel sonus
corel-vncadmin unglue kana sns-dispatcher sns-admin sns-query gcmonitor olhost bintec-capi bintec-tapi patrol-mq-gm patrol-mq-nm
extensis alarm-clock-s alarm-clock-c toad tve-announce newlixreg nhserver firstcall42 ewnn ttc-etap simslink gadgetgate1way
gadgetgate2way syncserverssl pxc-sapxom mpnjsomb 2683 ncdloadbalance mpnjsosv mpnjsocl mpnjsomg pq-lic-mgmt md-cg-http fastlynx
hp-nnm-data itinternet admins-lms 2694 pwrsevent vspread unifyadmin oce-snmp-trap mck-ivpip csoft-plusclnt tqdata sms-rcinfo
sms-xfer sms-chat sms-remctrl sds-admin ncdmirroring emcsymapiport banyan-net supermon sso-service sso-control aocp raventbs
raventdm hpstgmgr2 inova-ip-disco pn-requester pn-requester2 scan-change wkars smart-diagnose proactivesrvr watchdog-nt qotps
msolap-ptp2 tams mgcp-callagent sqdr tcim-control nec-raidplus fyre-messanger g5m signet-ctf ccs-software netiq-mc radwiz-nms-srv
srp-feedback ndl-tcp-ois-gw tn-timing alarm tsb tsb2 murx honyaku urbisnet cpudpencap fjippol-swrly fjippol-polsvr fjippol-cnsl
fjippol-port1 fjippol-port2 rsisysaccess de-spot apollo-cc expresspay simplement-tie cnrp apollo-status apollo-gms sabams
dicom-iscl dicom-tls desktop-dna data-insurance qip-audup compaq-scp uadtc uacs exce veronica vergencecm auris rbakcup1 rbakcup2
smpp ridgeway1 ridgeway2 gwen-sonya lbc-sync lbc-control whosells everydayrc aises www-dev aic-np aic-oncrpc piccolo fryeserv
media-agent plgproxy mtport-regist f5-globalsite initlsmsad 2795 livestats ac-tech esp-encap tmesis-upshot icon-discover acc-raid
igcp veritas-tcp1 btprjctrl dvr-esm wta-wsp-s cspuni cspmulti j-lan-p corbaloc netsteward gsiftp atmtcp llm-pass llm-csv
lbc-measure lbc-watchdog nmsigport rmlnk fc-faultnotify univision vrts-at-port ka0wuc cqg-netlan cqg-netlan-1 2826 slc-systemlog
slc-ctrlrloops itm-lm silkp1 silkp2 silkp3 silkp4 glishd evtp evtp-data catalyst repliweb starbot nmsigport l3-exprt l3-ranger
l3-hawk pdnet bpcp-poll bpcp-trap aimpp-hello aimpp-port-req amt-blc-port fxp metaconsole webemshttp bears-01 ispipes infomover
msrp cesdinv simctlp ecnp activememory dialpad-voice1 dialpad-voice2 ttg-protocol sonardata astronova-main pit-vpn iwlistener
esps-portal npep-messaging icslap daishi msi-selectplay radix psrt dxmessagebase1 dxmessagebase2 sps-tunnel bluelance aap
ucentric-ds synapse ndsp ndtp ndnp flashmsg topflow responselogic aironetddp spcsdlobby rsom cspclmulti cinegrfx-elmd snifferdata
vseconnector abacus-remote natuslink ecovisiong6-1 citrix-rtmp appliance-cfg powergemplus quicksuite allstorcns netaspi suitcase
m2ua m3ua caller9 webmethods-b2b mao funk-dialout tdaccess blockade epicon boosterware gamelobby tksocket elvin-server
elvin-client kastenchasepad roboer roboeda cesdcdman cesdcdtrn wta-wsp-wtp-s precise-vip 2926 mobile-file-dl unimobilectrl
redstone-cpss amx-webadmin amx-weblinx circle-x incp 4-tieropmgw 4-tieropmcli qtp otpatch pnaconsult-lm sm-pas-1 sm-pas-2 sm-pas-3
sm-pas-4 sm-pas-5 ttnrepository megaco-h248 h248-binary fjsvmpor gpsd wap-push wap-pushsecure esip ottp mpfwsas ovalarmsrv
ovalarmsrv-cmd csnotify ovrimosdbman jmact5 jmact6 rmopagt dfoxserver boldsoft-lm iph-policy-cli iph-policy-adm bullant-srap
bullant-rap idp-infotrieve ssc-agent enpp essp index-net netclip pmsm-webrctl svnetworks signal fjmpcm cns-srv-port ttc-etap-ns
ttc-etap-ds h263-video wimd mylxamport iwb-whiteboard netplan hpidsadmin hpidsagent stonefalls identify hippad zarkov boscap
wkstn-mon avenyo veritas-vis1 veritas-vis2 idrs vsixml rebol realsecure remoteware-un hbci origo-native exlm-agent cgms
csoftragent geniuslm ii-admin lotusmtap midnight-tech pxc-ntfy gw trusted-web twsdss gilatskysurfer broker-service nati-dstp
notify-srvr event-listener srvc-registry resource-mgr cifs agriserver csregagent magicnotes nds-sso arepa-raft agri-gateway
LiebDevMgmt-C LiebDevMgmt-DM LiebDevMgmt-A arepa-cas eppc redwood-chat pdb osmosis-aeea fjsv-gssagt hagel-dump hp-san-mgmt
santak-ups cogitate tomato-springs di-traceware journee brp epp responsenet di-ase hlserver pctrader nsws gds-db galaxy-server
apc-3052 dsom-server amt-cnf-prot policyserver cdl-server goahead-fldup videobeans qsoft interserver cautcpd ncacn-ip-tcp
ncadg-ip-udp rprt slinterbase netattachsdmp fjhpjp ls3bcast ls3 mgxswitch xplat-replicate csd-monitor vcrp xbox orbix-locator
orbix-config orbix-loc-ssl orbix-cfg-ssl lv-frontpanel stm-pproc tl1-lv tl1-raw tl1-telnet itm-mccs pcihreq jdl-dbkitchen
asoki-sma xdtp ptk-alink stss 1ci-smcs 3093 rapidmq-center rapidmq-reg panasas ndl-aps 3098 umm-port chmd opcon-xps hp-pxpib
slslavemon autocuesmi autocuelog cardbox cardbox-http business geolocate personnel sim-control wsynch ksysguard cs-auth-svr ccmad
mctet-master mctet-gateway mctet-jserv pkagent d2000kernel d2000webserver pcmk-remote vtr-emulator edix beacon-port a13-an 3127
ctx-bridge ndl-aas netport-id icpv2 netbookmark ms-rule-engine prism-deploy ecp peerbook-port grubd rtnt-1 rtnt-2 incognitorv
ariliamulti vmodem rdc-wh-eos seaview tarantella csi-lfap bears-02 rfio nm-game-admin nm-game-server nm-asses-admin nm-assessor
feitianrockey s8-client-port ccmrmi jpegmpeg indura lsa-comm stvp navegaweb-port tip-app-server doc1lm sflm res-sap imprs
newgenpay sossecollector nowcontact poweronnud serverview-as serverview-asn serverview-gf serverview-rm serverview-icc armi-server
t1-e1-over-ip ars-master phonex-port radclientport h2gf-w-2m mc-brk-srv bmcpatrolagent bmcpatrolrnvu cops-tls apogeex-port smpppd
iiw-port odi-port brcm-comm-port pcle-infex csvr-proxy csvr-sslproxy firemonrcc spandataport magbind ncu-1 ncu-2 embrace-dp-s
embrace-dp-c dmod-workspace tick-port cpq-tasksmart intraintra netwatcher-mon netwatcher-db isns ironmail vx-auth-port
pfu-prcallback netwkpathengine flamenco-proxy avsecuremgmt surveyinst neon24x7 jmq-daemon-1 jmq-daemon-2 ferrari-foam unite
smartpackets wms-messenger xnm-ssl xnm-clear-text glbp digivote aes-discovery fcip-port isi-irp dwnmshttp dwmsgserver
global-cd-port sftdst-port vidigo mdtp whisker alchemy mdap-port apparenet-ts apparenet-tps apparenet-as apparenet-ui triomotion
sysorb sdp-id-port timelot onesaf vieo-fe dvt-system dvt-data procos-lm ssp hicp sysscanner dhe pda-data pda-sys semaphore
cpqrpm-agent cpqrpm-server ivecon-port epncdp2 iscsi-target winshadow necp ecolor-imager ccmail altav-tunnel ns-cfg-server
ibm-dial-out msft-gc msft-gc-ssl verismart csoft-prev user-manager sxmp ordinox-server samd maxim-asics awg-proxy lkcmserver
admind vs-server sysopt datusorb Apple-Remote-De 4talk plato e-net directvdata cops enpc caps-lm sah-lm cart-o-rama fg-fps fg-gip
dyniplookup rib-slm cytel-lm deskview pdrncs ceph tarantool mcs-fastmail opsession-clnt opsession-srvr odette-ftp mysql
opsession-prxy tns-server tns-adv dyna-access mcns-tel-ret appman-server uorb uohost cdid aicc-cmi vsaiport ssrip sdt-lmd
officelink2000 vnsstr 3326 sftu bbars egptlm hp-device-disc mcs-calypsoicf mcs-messaging mcs-mailsvr dec-notes directv-web
directv-soft directv-tick directv-catlg anet-b anet-l anet-m anet-h webtie ms-cluster-net bnt-manager influence trnsprntproxy
phoenix-rpc pangolin-laser chevinservices findviatv btrieve ssql fatpipe suitjd ordinox-dbase upnotifyps adtech-test mpsysrmsvr
wg-netforce kv-server kv-agent dj-ilm nati-vi-server creativeserver contentserver creativepartnr 3372 tip2 lavenir-lm cluster-disc
vsnm-agent cdbroker cogsys-lm wsicopy socorfs sns-channels geneous fujitsu-neat esp-lm hp-clic qnxnetman gprs-data backroomnet
cbserver ms-wbt-server|ms-term-serv dsc savant efi-lm d2k-tapestry1 d2k-tapestry2 dyna-lm printer-agent cloanto-lm mercantile csms
csms2 filecast fxaengine-net 3405 nokia-ann-ch1 nokia-ann-ch2 ldap-admin BESApi networklens networklenss biolink-auth xmlblaster
svnet wip-port bcinameservice commandport csvr rnmap softaudit ifcp-port bmap rusb-sys-port xtrm xtrms agps-port arkivio
websphere-snmp twcss gcsp ssdispatch ndl-als osdcp opnet-smp opencm pacom gc-config autocueds spiral-admin hri-port ans-console
connect-client connect-server ov-nnm-websrv denali-server monp 3comfaxrpc directnet dnc-port hotu-chat castorproxy asam
sabp-signal pscupd mira prsvp vat vat-control d3winosfi integral edm-manager edm-stager edm-std-notify edm-adm-notify edm-mgr-sync
edm-mgr-cntrl workflow rcst ttcmremotectrl pluribus jt400 jt400-ssl jaugsremotec-1 jaugsremotec-2 ttntspauto genisar-port nppmp
ecomm stun twrpc plethora cleanerliverc vulture slim-devices gbs-stp celatalk ifsf-hb-port ltctcp fs-rh-srv dtp-dia colubris
swr-port tvdumtray-port nut ibm3494 seclayer-tcp seclayer-tls ipether232port dashpas-port sccip-media rtmp-port isoft-p2p
avinstalldisc lsp-ping ironstorm ccmcomm apc-3506 nesh-broker interactionweb vt-ssl xss-port webmail-2 aztec arcpd must-p2p
must-backplane smartcard-port 802-11-iapp artifact-msg nvmsgd galileolog mc3ss nssocketport odeumservlink ecmport eisport
starquiz-port beserver-msg-q jboss-iiop jboss-iiop-ssl gf joltid raven-rmp raven-rdp urld-port ms-la snac ni-visa-remote
ibm-diradm ibm-diradm-ssl pnrp-port voispeed-port hacl-monitor qftest-lookup teredo camac 3547 symantec-sim interworld
tellumat-nms ssmpp apcupsd taserver rbr-discovery questnotify razor sky-transport personalos-001 mcp-port cctv-port iniserve-port
bmc-onekey sdbproxy watcomdebug esimport m2pa quest-data-hub dof-eps dof-tunnel-sec mbg-ctrl mccwebsvr-port megardsvr-port
megaregsvrport tag-ups-1 dmaf-server ccm-port cmc-port config-port data-port ttat3lb nati-svrloc kfxaclicensing press canex-watch
u-dbap emprise-lls emprise-lsc p2pgroup sentinel isomair wv-csp-sms gtrack-server gtrack-ne bpmd mediaspace shareapp iw-mmogame
a14 a15 quasar-server trap-daemon visinet-gui infiniswitchcl int-rcv-cntrl bmc-jmx-port comcam-io splitlock precise-i3
trendchip-dcp cpdi-pidas-cm echonet six-degrees dataprotector alaris-disc sigma-port start-network cd3o-protocol sharp-server
aairnet-1 aairnet-2 ep-pcp ep-nsp ff-lr-port haipe-discover dist-upgrade volley bvcdaemon-port jamserverport ept-machine escvpnet
cs-remote-db cs-services distcc wacp hlibmgr sdo servistaitsm scservp ehp-backup xap-ha netplay-port1 netplay-port2 juxml-port
audiojuggler ssowatch cyc xss-srv-port splitlock-gw fjcp nmmp prismiq-plugin xrpc-registry vxcrnbuport tsp vaprtm abatemgr abatjss
immedianet-bcn ps-ams apple-sasl can-nds-ssl can-ferret-ssl pserver dtp ups-engine ent-engine eserver-pap infoexch dell-rm-port
casanswmgmt smile efcp lispworks-orb mediavault-gui wininstall-ipc calltrax va-pacbase roverlog ipr-dglt Escale-(Newton
npds-tracker bts-x73 cas-mapi bmc-ea faxstfx-port dsx-agent tnmpv2 simple-push simple-push-s daap svn magaya-network intelsync
easl 3695 bmc-data-coll telnetcpcd nw-license sagectlpanel kpn-icw lrs-paging netcelera ws-discovery adobeserver-3 adobeserver-4
adobeserver-5 rt-event rt-event-s sun-as-iiops ca-idms portgate-auth edb-server2 sentinel-ent tftps delos-dms anoto-rendezv
wv-csp-sms-cir wv-csp-udp-cir opus-services itelserverport ufastro-instr xsync xserveraid sychrond blizwow na-er-tip array-manager
e-mdu e-woa fksp-audit client-ctrl smap m-wnn multip-msg synel-data pwdis rs-rmi xpanel versatalk launchbird-lm heartbeat wysdma
cst-port ipcs-command sasg gw-call-port linktest linktest-s webdata cimtrak cbos-ip-port gprs-cube vipremoteagent nattyserver
timestenbroker sas-remote-hlp canon-capt grf-port apw-registry exapt-lmgr adtempusclient gsakmp gbs-smp xo-wave mni-prot-rout
rtraceroute sitewatch-s listmgr-port rblcheckd haipe-otnk cindycollab paging-port ctp ctdhercules zicom ispmmgr dvcprov-port
jibe-eb c-h-it-port cognima nnp abcvoice-port iso-tp0s bim-pem bfd-control bfd-echo upstriggervsw fintrx isrp-port remotedeploy
quickbooksrds tvnetworkvideo sitewatch dcsoftware jaus myblast spw-dialer idps minilock radius-dynauth pwgpsi ibm-mgr vhd
soniqsync iqnet-port tcpdataserver wsmlb spugna sun-as-iiops-ca apocd wlanauth amp neto-wol-server rap-ip neto-dcs lansurveyorxml
sunlps-http tapeware crinis-hb epl-slp scp pmcp acp-discovery acp-conduit acp-policy ffserver warmux netmpi neteh neteh-ext
cernsysmgmtagt dvapps xxnetserver aipn-auth spectardata spectardb markem-dcp mkm-discovery sos amx-rms flirtmitmir shiprush-db-svr
nhci quest-agent rnm v-one-spp an-pcp msfw-control item spw-dnspreload qtms-bootstrap spectraport sse-app-config sscan stryker-com
opentrac informer trap-port trap-port-mom nav-port sasp winshadow-hd giga-pocket asap-tcp asap-tcp-tls xpl dzdaemon dzoglserver
diameter ovsam-mgmt ovsam-d-agent avocent-adsap oem-agent fagordnc sixxsconfig pnbscada dl-agent xmpcr-interface fotogcad appss-lm
igrs idac msdts1 vrpn softrack-meter topflow-ssl nei-management ciphire-data ciphire-serv dandv-tester ndsconnect rtc-pm-port
pcc-image-port cgi-starapi syam-agent syam-smc sdo-tls sdo-ssh senip itv-control udt-os nimsh nimaux charsetmgr omnilink-port
mupdate topovista-data imoguia-port hppronetman surfcontrolcpa prnrequest prnstatus gbmt-stars listcrt-port listcrt-port-2 agcat
wysdmc aftmux pktcablemmcops hyperip exasoftport1 herodotus-net sor-update symb-sb-port mpl-gprs-port zmp winport natdataservice
netboot-pxe smauth-port syam-webserver msr-plugin-port dyn-site plbserve-port sunfm-port sdp-portmapper mailprox dvbservdsc
dbcontrol-agent aamp xecp-node homeportal-web srdp tig sops emcads backupedge ccp apdap drip namemunge pwgippfax i3-sessionmgr
xmlink-connect adrep p2pcommunity gvcp mqe-broker mqe-agent treehopper bess proaxess sbi-agent thrp sasggprs ati-ip-to-ncpe
bflckmgr ppsms ianywhere-dbns landmarks lanrevagent lanrevserver iconp progistics xk22 airshot opswagent opswmanager
secure-cfg-svr smwan 3981 starfish eis eisp mapper-nodemgr mapper-mapethd mapper-ws-ethd centerline dcs-config bv-queryengine
bv-is bv-smcsrv bv-ds bv-agent 3995 iss-mgmt-ssl abcsoftware agentsease-db dnx nvcnet terabase newoak pxc-spvr-ft pxc-splr-ft
pxc-roid pxc-pin pxc-spvr pxc-splr netcheque chimera-hwm samsung-unidex altserviceboot pda-gate acl-manager taiclock
talarian-mcast1 talarian-mcast2 talarian-mcast3 talarian-mcast4 talarian-mcast5 trap nexus-portal dnox esnm-zoning tnp1-port
partimage as-debug bxp dtserver-port ip-qsig jdmn-port suucp vrts-auth-port sanavigator ubxd wap-push-http wap-push-https ravehd
fazzt-ptp fazzt-admin yo-main houston ldxp nirp ltp npp acp-proto ctp-state 4049 wafs cisco-wafs cppdp interact ccu-comm-1
ccu-comm-2 ccu-comm-3 lms wfm kingfisher dlms-cosem dsmeter-iatc ice-location ice-slocation ice-router ice-srouter avanti-cdp pmas
idp ipfltbcst minger tripe aibkup zieto-sock iRAPP cequint-cityid perimlan seraph 4078 cssp santools lorica-in lorica-in-sec
lorica-out lorica-out-sec 4085 ezmessagesrv 4087 applusservice npsp opencore omasgport ewinstaller ewdgs pvxpluscs sysrqd xtgui
bre patrolview drmsfsd dpcp igo-incognito brlp-0 brlp-1 brlp-2 brlp-3 shofar synchronite j-ac accel izm g2tag xgrid apple-vpns-rp
aipn-reg jomamqmonitor cds smartcard-tls hillrserv netscript assuria-slm minirem e-builder fprams z-wave tigv2 opsview-envoy
ddrepl unikeypro nufw nuauth fronet stars nuts-dem nuts-bootp nifty-hmi cl-db-attach cl-db-request cl-db-remote nettest thrtx
cedros-fds oirtgsvc oidocsvc oidsr 4145 vvr-control tgcconnect vrxpservman hhb-handheld agslb PowerAlert-nsa menandmice-noh
idig-mux mbl-battd atlinks bzr stat-results stat-scanner stat-cc nss jini-discovery omscontact omstopology silverpeakpeer
silverpeakcomm altcp joost ddgn pslicser iadt d-cinema-csp ml-svnet pcoip 4174 smcluster bccp tl-ipcproxy wello storman MaxumSP
httpx macbak pcptcpservice cyborgnet universe-suite wcpp boxbackupstore csc-proxy vatata pcep sieve 4192 azeti pvxplusio spdm
aws-wsp 4197 hctl 4199 eims-admin 4300 corelccam d-data d-data-control srcp owserver batman pinghgl trueconf compx-lockview
dserver mirrtex p6ssmc pscl-mgt perrla choiceview-agt 4316 choiceview-clt opentelemetry 4319 fox-skytale fdt-rcatp rwhois
trim-event trim-ice 4325 geognosisadmin geognosis jaxer-web jaxer-manager publiqare-sync dey-sapi ktickets-rest getty-focus ahsp
netconf-ch-ssh netconf-ch-tls restconf-ch-tls 4340 gaia 4343 unicall vinainstall m4-network-as elanlm lansurveyor itose fsportmap
net-device plcy-net-svcs pjlink f5-iquery qsnet-trans qsnet-workst qsnet-assist qsnet-cond qsnet-nucl omabcastltkm matrix-vnet
4368 wxbrief epmd elpro-tunnel l2c-control l2c-data remctl psi-ptt tolteces bip cp-spxsvr cp-spxdpy ctdb 4389 xandros-cms wiegand
apwi-imserver apwi-rxserver apwi-rxspooler 4395 omnivisionesx fly 4400 ds-srv ds-srvr ds-clnt ds-user ds-admin ds-mail ds-slp
nacagent slscc netcabinet-com itwo-server found 4413 avi-nms updog brcd-vr-req pjj-player workflowdir 4419 cbp nvme scaleft
tsepisp thingkit 4425 netrockey6 beacon-port-2 drizzle omviserver omviagent rsqlserver wspipe l-acoustics vop 4442 saris pharos
krb524 upnotifyp n1-fwp n1-rmgmt asc-slmd privatewire camp ctisystemmsg ctiprogramload nssalertmgr nssagentmgr prchat-user
prchat-server prRegister mcp 4460 ntske 4484 hpssmgmt assyst-dr icms prex-tcp awacs-ice 4500 ipsec-nat-t 4535 ehs ehs-ssl
wssauthsvc swx-gate 4545 worldscores sf-lm lanner-lm synchromesh aegate gds-adppiw-db ieee-mih menandmice-mon icshostsvc msfrs
rsip dtn-bundle 4559 hylafax 4563 amahi-anywhere 4566 kwtc tram bmc-reporting iax deploymentmap 4573 cardifftec-back 4590 rid
l3t-at-an 4593 ipt-anri-anri ias-session ias-paging ias-neighbor a21-an-1xbs a16-an-an a17-an-an piranha1 piranha2 mtsserver
menandmice-upg irp sixchat sixid 4646 dots-signal 4658 playsta2-app playsta2-lob smaclmgr kar2ouche oms noteit ems contclientms
eportcomm mmacomm mmaeds eportcommdata light acter rfa cxws appiq-mgmt dhct-status dhct-alerts bcs traversal mgesupervision
mgemanagement parliant finisar spike rfid-rp1 autopac msp-os nst mobile-p2p altovacentral prelude mtn conspiracy 4700 netxms-agent
netxms-mgmt netxms-sync npqes-test assuria-ins 4711 trinity-dist 4725 truckstar 4727 fcis capmux 4730 gearman remcap 4733 resorcs
4737 ipdr-sp solera-lpn ipfix ipfixs lumimgrd sicct openhpid ifsp fmp 4749 profilemac ssad spocp snap simon 4756 RDCenter 4774
converge 4784 bfd-multi-ctl 4786 smart-install sia-ctrl-plane xmcp 4792 unified-bus 4800 iims iwec ilss notateit 4827 htcp 4837
varadero-0 varadero-1 varadero-2 opcua-tcp quosa gw-asv opcua-tls gw-log wcr-remlib contamac-icm wfc appserv-http appserv-https
sun-as-nodeagt derby-repli 4867 unify-debug phrelay phrelaydbg cc-tracking wired 4876 tritium-can lmcs 4879 wsdl-event hislip 4883
wmlserver hivestor abbs 4888 xcap-portal xcap-control 4894 lyskom 4899 radmin-port hfcs flr-agent magiccontrol 4912 lutap lutcp
bones frcs 4940 eq-office-4940 eq-office-4941 eq-office-4942 4949 munin sybasesrvmon pwgwims sagxtsds dbsyncarbiter 4969 ccss-qmm
ccss-qsm burp 4984 webyast gerhcs mrip smar-se-port1 smar-se-port2 parallel busycal vrt 4999 hfcs-manager commplex-main
commplex-link rfe fmpro-internal avt-profile-1 avt-profile-2 wsm-server wsm-server-ssl synapsis-edge winfs telelpathstart
telelpathattack nsp fmpro-v6 5015 fmwp 5020 zenginkyo-1 zenginkyo-2 mice htuilsrv scpi-telnet scpi-raw strexec-d strexec-s qvr
infobright 5032 signacert-agent jtnetd-server jtnetd-status 5042 asnaacceler8db swxadmin lxi-evntsvc osp 5048 texai ivocalize mmcc
ita-agent ita-manager rlm rlm-admin unot intecom-ps1 intecom-ps2 5059 sds sip sips|sip-tls na-localise csrpc ca-1 ca-2 stanag-5066
authentx bitforestsrv i-net-2000-npr vtsas powerschool ayiya tag-pm alesquery pvaccess 5080 onscreen sdl-ets qcp qfp llrp
encrypted-llrp aprigo-cs biotic 5093 sentinel-lm hart-ip 5099 sentlm-srv2srv socalia talarian-tcp oms-nonsecure actifio-c2c 5106
actifioudsagent actifioreplic 5111 taep-as-svc pm-cmdsvr 5114 ev-services autobuild 5117 gradecam 5120 barracuda-bbs 5133 nbt-pc
ppactivation erp-scale 5137 ctsd 5145 rmonitor-secure social-alarm 5150 atmp esri-sde sde-discovery 5154 bzflag asctrl-agent
rugameonline mediat 5161 snmpssh snmpssh-trap sbackup vpa ife-icorp winpcs scte104 scte30 5172 pcoip-mgmt 5190 aol aol-1 aol-2
aol-3 cpscomm ampl-lic ampl-tableproxy tunstall-lwp 5200 targus-getdata targus-getdata1 targus-getdata2 targus-getdata3 5209 nomad
5215 noteza 5221 3exmp xmpp-client hpvirtgrp hpvirtctrl hp-server hp-status perfd hpvroom jaxflow jaxflow-data crusecontrol
csedaemon enfs eenet galaxy-network padl2sim mnet-discovery 5242 attune xycstatus 5245 downtools 5248 caacws caaclang2 soagateway
caevms movaz-ssc kpdp logcabin 5264 3com-njack-1 3com-njack-2 5269 xmpp-server cartographerxmp cuelink pk 5280 xmpp-bosh undo-lm
transmit-port 5298 presence nlg-data hacl-hb hacl-gs hacl-cfg hacl-probe hacl-local hacl-test sun-mc-grp sco-aip cfengine jprinter
outlaws 5312 permabit-cs rrdp opalis-rbt-ipc hacl-poll hpbladems hpdevms pkix-cmc 5320 bsfserver-zn bsfsvr-zn-ssl 5343 kfserver
xkotodrcp 5349 stuns 5352 dns-llq mdns mdnsresponder llmnr ms-smlbiz wsdapi wsdapi-s ms-alerter ms-sideshow ms-s-sideshow
serverwsd2 net-projection 5397 stresstester elektron-admin securitychase excerpt excerpts mftp hpoms-ci-lstn hpoms-dps-lstn
netsupport systemics-sox foresyte-clear foresyte-sec salient-dtasrv salient-usrmgr actnet continuus wwiotalk statusd ns-server
sns-gateway sns-agent mcntp dj-ice cylink-c netsupport2 salient-mux virtualuser beyond-remote br-channel devbasic sco-peer-tta
telaconsole base radec-corp park-agent postgresql pyrrho sgi-arrayd sceanics 5443 spss 5445 smbdirect 5450 tiepie 5453 surebox
apc-5454 apc-5455 apc-5456 5461 silkmeter ttl-publisher ttlpriceproxy quailnet netops-broker 5470 apsolab-col apsolab-cols
apsolab-tag apsolab-tags 5475 apsolab-data 5500 fcp-addr-srvr1 5631 pcanywheredata pcanywherestat 5666 nrpe 5671 amqps amqp 5683
coap coaps 5722 msdfsr omhs 5900 rfb 5985 wsman wsmans 6379 redis 6514 syslog-tls 6566 sane-port 6653 openflow 7000
afs3-fileserver afs3-callback afs3-prserver 7070 arcp 7547 cwmp 7680 ms-do 7777 cbt 8000 irdmi 8005 mxi 8008 http-alt
nvme-disc|ajp13 8020 intu-ec-svcdisc 8080 http-alt sunproxyadmin 8086 d-s-n simplifymedia radan-http 8100 xprint-server 8118
privoxy 8140 puppet 8200 trivnet1 8400 cvd 8443 pcsync-https 8554 rtsp-alt 8883 secure-mqtt 8888 ddi-tcp-1 9000 cslistener
etlservicemgr 9080 glrpc 9090 websm xmltec-xmlmail 9100 hp-pdl-datastr 9200 wap-wsp 9300 vrace 9389 adws 9418 git 9443
tungsten-https 9999 distinct ndmp scp-config 10050 zabbix-agent zabbix-trapper 11000 irisa 11211 memcache 13720 bprd 13724 vnetd
17500 db-lsp 20000 dnp 22273 wnn6 24465 tonidods 26000 quake 27017 mongodb 30999 ovobs 33434 traceroute 44818 EtherNet-IP-2 47001
winrm 48000 nimcontroller
`;

/** A name registered for more than one port says nothing, but for those where practice knows one. */
const AMBIGUOUS = -1;
const SEVERAL: Readonly<Record<string, number>> = { "http-alt": 8080 };

let byName: ReadonlyMap<string, number> | null = null;

function portsByName(): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  let port = 0;
  for (const word of REGISTERED.trim().split(/\s+/)) {
    if (/^\d+$/.test(word)) port = Number(word);
    else {
      for (const name of word.split("|")) ports.set(name, ports.has(name) ? AMBIGUOUS : port);
      port++;
    }
  }
  for (const [name, preferred] of Object.entries(SEVERAL)) ports.set(name, preferred);
  return ports;
}

/** Port of `3389`, `ms-wbt-server` or `MS WBT Server(3389)`; null for a name nobody registered, one that stands for several ports, and numbers that are no port. */
export function portNumber(text: string): number | null {
  const digits = /^(\d{1,5})$|\((\d{1,5})\)$/.exec(text);
  if (digits) {
    const port = Number(digits[1] ?? digits[2]);
    return port <= 65535 ? port : null;
  }
  byName ??= portsByName();
  const port = byName.get(text) ?? byName.get(text.toLowerCase()) ?? AMBIGUOUS;
  return port === AMBIGUOUS ? null : port;
}
